-- Rates that are as specific as each other, of which one starts while the other is effective.
select earlier.*
from {{ ref('usage_rate') }} as earlier
join {{ ref('usage_rate') }} as later
  on later.service_provider_name = earlier.service_provider_name
 and coalesce(later.billing_account_id, '*') = coalesce(earlier.billing_account_id, '*')
 and coalesce(later.service_name, '*') = coalesce(earlier.service_name, '*')
 and later.sku_meter = earlier.sku_meter
 and later.sku_price_effective_start > earlier.sku_price_effective_start
 and (earlier.sku_price_effective_end is null or later.sku_price_effective_start < earlier.sku_price_effective_end)
