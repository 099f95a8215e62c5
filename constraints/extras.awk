# Locks `name[extra]==1.0` also as `name==1.0`: pip before 23.3 takes the two for different packages, and would look for
# the newest version of the one that is not locked.
function flush() {
    if (block ~ /^[^=]*\[/) {
        plain = block
        sub(/\[[^]]*\]/, "", plain)
        printf "%s", plain
    }
    printf "%s", block
    block = ""
}
/^[^ ]/ { flush() }
{ block = block $0 "\n" }
END { flush() }
