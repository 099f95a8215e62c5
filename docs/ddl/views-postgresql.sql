-- The views that docs/ddl.md names and does not show, for PostgreSQL. A view holds no data: drop it and make it again.

CREATE VIEW usage_jump AS
SELECT jumps.service_provider_name, jumps.billing_account_id, jumps.sub_account_id, jumps.service_name,
    jumps.sku_meter, jumps.charge_period_start, jumps.consumed_quantity, jumps.x_low, jumps.x_high
FROM (
    SELECT sides.service_provider_name AS service_provider_name, sides.billing_account_id AS billing_account_id,
        sides.sub_account_id AS sub_account_id, sides.service_name AS service_name, sides.sku_meter AS sku_meter,
        sides.charge_period_start AS charge_period_start, sides.second AS second, sides.consumed_quantity AS
        consumed_quantity, sides.weeks AS weeks, sides.x_low AS x_low, sides.x_high AS x_high, sides.side AS side,
        max(sides.side) OVER (PARTITION BY sides.service_provider_name, sides.billing_account_id,
        sides.sub_account_id, sides.service_name, sides.sku_meter ORDER BY sides.second RANGE BETWEEN 518400
        PRECEDING AND 86400 PRECEDING) AS highest_side_before, min(sides.side) OVER (PARTITION BY
        sides.service_provider_name, sides.billing_account_id, sides.sub_account_id, sides.service_name,
        sides.sku_meter ORDER BY sides.second RANGE BETWEEN 518400 PRECEDING AND 86400 PRECEDING) AS
        lowest_side_before
    FROM (
        SELECT bounds.service_provider_name AS service_provider_name, bounds.billing_account_id AS
            billing_account_id, bounds.sub_account_id AS sub_account_id, bounds.service_name AS service_name,
            bounds.sku_meter AS sku_meter, bounds.charge_period_start AS charge_period_start, bounds.second AS
            second, bounds.consumed_quantity AS consumed_quantity, bounds.weeks AS weeks, bounds.x_low AS x_low,
            bounds.x_high AS x_high, CASE WHEN (bounds.weeks < 4) THEN 0 WHEN (bounds.consumed_quantity >
            bounds.x_high) THEN 1 WHEN (bounds.consumed_quantity < bounds.x_low) THEN -1 ELSE 0 END AS side
        FROM (
            SELECT days.service_provider_name AS service_provider_name, days.billing_account_id AS
                billing_account_id, days.sub_account_id AS sub_account_id, days.service_name AS service_name,
                days.sku_meter AS sku_meter, days.charge_period_start AS charge_period_start, days.second AS second,
                days.consumed_quantity AS consumed_quantity, count(days.consumed_quantity) OVER (PARTITION BY
                days.service_provider_name, days.billing_account_id, days.sub_account_id, days.service_name,
                days.sku_meter, EXTRACT(dow FROM days.charge_period_start) ORDER BY days.second RANGE BETWEEN
                4838400 PRECEDING AND 604800 PRECEDING) AS weeks, min(days.consumed_quantity) OVER (PARTITION BY
                days.service_provider_name, days.billing_account_id, days.sub_account_id, days.service_name,
                days.sku_meter, EXTRACT(dow FROM days.charge_period_start) ORDER BY days.second RANGE BETWEEN
                4838400 PRECEDING AND 604800 PRECEDING) * 0.75 AS x_low, max(days.consumed_quantity) OVER (PARTITION
                BY days.service_provider_name, days.billing_account_id, days.sub_account_id, days.service_name,
                days.sku_meter, EXTRACT(dow FROM days.charge_period_start) ORDER BY days.second RANGE BETWEEN
                4838400 PRECEDING AND 604800 PRECEDING) * 1.25 AS x_high
            FROM (
                SELECT loaded.service_provider_name AS service_provider_name, loaded.billing_account_id AS
                    billing_account_id, loaded.sub_account_id AS sub_account_id, loaded.service_name AS
                    service_name, loaded.sku_meter AS sku_meter, loaded.charge_period_start AS charge_period_start,
                    EXTRACT(epoch FROM loaded.charge_period_start) AS second, coalesce(used.quantity, 0) AS
                    consumed_quantity
                FROM (
                    SELECT DISTINCT series.service_provider_name AS service_provider_name, series.billing_account_id
                        AS billing_account_id, series.sub_account_id AS sub_account_id, series.service_name AS
                        service_name, series.sku_meter AS sku_meter, logged.charge_period_start AS
                        charge_period_start
                    FROM (
                        SELECT DISTINCT usage_daily.service_provider_name AS service_provider_name,
                            usage_daily.billing_account_id AS billing_account_id, usage_daily.sub_account_id AS
                            sub_account_id, usage_daily.service_name AS service_name, usage_daily.sku_meter AS
                            sku_meter
                        FROM usage_daily
                    ) AS series
                    JOIN (
                        SELECT DISTINCT usage_load_log.service_provider_name AS service_provider_name,
                            usage_load_log.billing_account_id AS billing_account_id, usage_load_log.sub_account_id
                            AS sub_account_id, usage_load_log.service_name AS service_name,
                            usage_load_log.charge_period_start AS charge_period_start
                        FROM usage_load_log
                        WHERE usage_load_log.resource_id = '*'
                    ) AS logged ON logged.service_provider_name = series.service_provider_name AND
                        logged.billing_account_id = series.billing_account_id AND logged.sub_account_id IN
                        (series.sub_account_id, '*') AND logged.service_name IN (series.service_name, '*')
                ) AS loaded
                LEFT OUTER JOIN (
                    SELECT usage_daily.service_provider_name AS service_provider_name,
                        usage_daily.billing_account_id AS billing_account_id, usage_daily.sub_account_id AS
                        sub_account_id, usage_daily.service_name AS service_name, usage_daily.sku_meter AS
                        sku_meter, usage_daily.charge_period_start AS charge_period_start,
                        sum(usage_daily.consumed_quantity) AS quantity
                    FROM usage_daily
                    GROUP BY usage_daily.service_provider_name, usage_daily.billing_account_id,
                        usage_daily.sub_account_id, usage_daily.service_name, usage_daily.sku_meter,
                        usage_daily.charge_period_start
                ) AS used ON used.service_provider_name = loaded.service_provider_name AND used.billing_account_id =
                    loaded.billing_account_id AND used.sub_account_id = loaded.sub_account_id AND used.service_name
                    = loaded.service_name AND used.sku_meter = loaded.sku_meter AND used.charge_period_start =
                    loaded.charge_period_start
            ) AS days
        ) AS bounds
    ) AS sides
) AS jumps
WHERE jumps.side = 1 AND coalesce(jumps.highest_side_before, 0) < 1 OR jumps.side = -1 AND
    coalesce(jumps.lowest_side_before, 0) > -1;

CREATE VIEW usage_cost_daily AS
SELECT priced.service_provider_name, priced.billing_account_id, priced.sub_account_id, priced.service_name,
    priced.resource_id, priced.sku_meter, priced.charge_period_start, priced.sub_account_name, priced.resource_name,
    priced.billing_period_start, priced.consumed_quantity, priced.consumed_unit, priced.rate_price AS
    contracted_unit_price, priced.rate_quantity AS x_pricing_quantity, CASE WHEN (priced.effective_cost IS NOT NULL)
    THEN priced.effective_cost ELSE priced.consumed_quantity * priced.rate_price * 1.000000 / priced.rate_quantity
    END AS effective_cost, CASE WHEN (priced.effective_cost IS NOT NULL) THEN priced.billing_currency ELSE
    priced.rate_currency END AS billing_currency, CASE WHEN (priced.effective_cost IS NOT NULL) THEN 'vendor' WHEN
    (priced.rate_price IS NOT NULL) THEN 'rate' ELSE 'unpriced' END AS x_cost_source
FROM (
    SELECT usage_daily.service_provider_name AS service_provider_name, usage_daily.billing_account_id AS
        billing_account_id, usage_daily.sub_account_id AS sub_account_id, usage_daily.service_name AS service_name,
        usage_daily.resource_id AS resource_id, usage_daily.sku_meter AS sku_meter, usage_daily.billing_period_start
        AS billing_period_start, usage_daily.charge_period_start AS charge_period_start,
        usage_daily.sub_account_name AS sub_account_name, usage_daily.resource_name AS resource_name,
        usage_daily.consumed_quantity AS consumed_quantity, usage_daily.consumed_unit AS consumed_unit,
        usage_daily.x_is_additive AS x_is_additive, usage_daily.effective_cost AS effective_cost,
        usage_daily.billing_currency AS billing_currency, coalesce(usage_rate.service_name, '*') AS rate_service,
        usage_rate.contracted_unit_price AS rate_price, CASE WHEN (usage_rate.contracted_unit_price IS NOT NULL)
        THEN coalesce(usage_rate.x_pricing_quantity, 1) END AS rate_quantity, usage_rate.billing_currency AS
        rate_currency, usage_rate.sku_price_effective_start AS rate_start, usage_rate.x_included_quantity AS
        rate_included, row_number() OVER (PARTITION BY usage_daily.sub_account_id, usage_daily.resource_id,
        usage_daily.service_name, usage_daily.sku_meter, usage_daily.service_provider_name,
        usage_daily.billing_account_id, usage_daily.billing_period_start, usage_daily.charge_period_start ORDER BY
        CASE WHEN (coalesce(usage_rate.billing_account_id, '*') = '*') THEN 1 ELSE 0 END, CASE WHEN
        (coalesce(usage_rate.service_name, '*') = '*') THEN 1 ELSE 0 END, usage_rate.sku_price_effective_start DESC,
        usage_rate.contracted_unit_price, usage_rate.x_pricing_quantity, usage_rate.billing_currency,
        usage_rate.sku_price_effective_end, usage_rate.x_included_quantity, usage_rate.x_fixed_cost) AS rate_place
    FROM usage_daily
    LEFT OUTER JOIN usage_rate ON usage_daily.x_is_additive AND usage_daily.effective_cost IS NULL AND
        usage_rate.service_provider_name = usage_daily.service_provider_name AND usage_rate.sku_meter =
        usage_daily.sku_meter AND usage_rate.pricing_unit = usage_daily.consumed_unit AND
        (coalesce(usage_rate.billing_account_id, '*') = '*' OR usage_rate.billing_account_id =
        usage_daily.billing_account_id) AND (coalesce(usage_rate.service_name, '*') = '*' OR usage_rate.service_name
        = usage_daily.service_name) AND usage_rate.sku_price_effective_start <= usage_daily.charge_period_start AND
        (usage_rate.sku_price_effective_end IS NULL OR usage_daily.charge_period_start <
        usage_rate.sku_price_effective_end) AND usage_rate.contracted_unit_price IS NOT NULL AND
        usage_rate.billing_currency IS NOT NULL AND coalesce(usage_rate.x_pricing_quantity, 1) IN (1, 10, 100, 1000,
        10000, 100000, 1000000)
) AS priced
WHERE priced.rate_place = 1;

CREATE VIEW usage_cost_monthly AS
SELECT priced.service_provider_name, priced.billing_account_id, priced.sub_account_id, priced.service_name,
    priced.resource_id, priced.sku_meter, priced.billing_period_start, priced.consumed_unit, CASE WHEN
    (priced.effective_cost IS NOT NULL) THEN priced.billing_currency ELSE priced.rate_currency END AS
    billing_currency, 'usage' AS x_line, sum(priced.consumed_quantity) AS consumed_quantity, sum(CASE WHEN
    (priced.effective_cost IS NOT NULL) THEN priced.effective_cost ELSE priced.consumed_quantity * priced.rate_price
    * 1.000000 / priced.rate_quantity END) AS effective_cost, sum(CASE WHEN (priced.effective_cost IS NULL AND
    priced.rate_price IS NULL) THEN 1 ELSE 0 END) AS x_unpriced_rows, count(*) AS x_days
FROM (
    SELECT usage_daily.service_provider_name AS service_provider_name, usage_daily.billing_account_id AS
        billing_account_id, usage_daily.sub_account_id AS sub_account_id, usage_daily.service_name AS service_name,
        usage_daily.resource_id AS resource_id, usage_daily.sku_meter AS sku_meter, usage_daily.billing_period_start
        AS billing_period_start, usage_daily.charge_period_start AS charge_period_start,
        usage_daily.sub_account_name AS sub_account_name, usage_daily.resource_name AS resource_name,
        usage_daily.consumed_quantity AS consumed_quantity, usage_daily.consumed_unit AS consumed_unit,
        usage_daily.x_is_additive AS x_is_additive, usage_daily.effective_cost AS effective_cost,
        usage_daily.billing_currency AS billing_currency, coalesce(usage_rate.service_name, '*') AS rate_service,
        usage_rate.contracted_unit_price AS rate_price, CASE WHEN (usage_rate.contracted_unit_price IS NOT NULL)
        THEN coalesce(usage_rate.x_pricing_quantity, 1) END AS rate_quantity, usage_rate.billing_currency AS
        rate_currency, usage_rate.sku_price_effective_start AS rate_start, usage_rate.x_included_quantity AS
        rate_included, row_number() OVER (PARTITION BY usage_daily.sub_account_id, usage_daily.resource_id,
        usage_daily.service_name, usage_daily.sku_meter, usage_daily.service_provider_name,
        usage_daily.billing_account_id, usage_daily.billing_period_start, usage_daily.charge_period_start ORDER BY
        CASE WHEN (coalesce(usage_rate.billing_account_id, '*') = '*') THEN 1 ELSE 0 END, CASE WHEN
        (coalesce(usage_rate.service_name, '*') = '*') THEN 1 ELSE 0 END, usage_rate.sku_price_effective_start DESC,
        usage_rate.contracted_unit_price, usage_rate.x_pricing_quantity, usage_rate.billing_currency,
        usage_rate.sku_price_effective_end, usage_rate.x_included_quantity, usage_rate.x_fixed_cost) AS rate_place
    FROM usage_daily
    LEFT OUTER JOIN usage_rate ON usage_daily.x_is_additive AND usage_daily.effective_cost IS NULL AND
        usage_rate.service_provider_name = usage_daily.service_provider_name AND usage_rate.sku_meter =
        usage_daily.sku_meter AND usage_rate.pricing_unit = usage_daily.consumed_unit AND
        (coalesce(usage_rate.billing_account_id, '*') = '*' OR usage_rate.billing_account_id =
        usage_daily.billing_account_id) AND (coalesce(usage_rate.service_name, '*') = '*' OR usage_rate.service_name
        = usage_daily.service_name) AND usage_rate.sku_price_effective_start <= usage_daily.charge_period_start AND
        (usage_rate.sku_price_effective_end IS NULL OR usage_daily.charge_period_start <
        usage_rate.sku_price_effective_end) AND usage_rate.contracted_unit_price IS NOT NULL AND
        usage_rate.billing_currency IS NOT NULL AND coalesce(usage_rate.x_pricing_quantity, 1) IN (1, 10, 100, 1000,
        10000, 100000, 1000000)
) AS priced
WHERE priced.rate_place = 1 AND priced.x_is_additive
GROUP BY priced.sub_account_id, priced.resource_id, priced.service_name, priced.sku_meter,
    priced.service_provider_name, priced.billing_account_id, priced.billing_period_start, priced.consumed_unit, CASE
    WHEN (priced.effective_cost IS NOT NULL) THEN priced.billing_currency ELSE priced.rate_currency END
UNION ALL
SELECT monthly.service_provider_name, monthly.billing_account_id, '' AS sub_account_id, monthly.rate_service AS
    service_name, '' AS resource_id, monthly.sku_meter, monthly.billing_period_start, monthly.consumed_unit,
    monthly.rate_currency AS billing_currency, 'included' AS x_line, 0 - monthly.included AS consumed_quantity, 0 -
    monthly.included * monthly.rate_price * 1.000000 / monthly.rate_quantity AS effective_cost, 0 AS
    x_unpriced_rows, monthly.days AS x_days
FROM (
    SELECT priced.service_provider_name AS service_provider_name, priced.billing_account_id AS billing_account_id,
        priced.rate_service AS rate_service, priced.sku_meter AS sku_meter, priced.billing_period_start AS
        billing_period_start, priced.consumed_unit AS consumed_unit, priced.rate_currency AS rate_currency,
        priced.rate_price AS rate_price, priced.rate_quantity AS rate_quantity, priced.rate_start AS rate_start,
        priced.rate_included AS rate_included, CASE WHEN (sum(priced.consumed_quantity) < priced.rate_included) THEN
        sum(priced.consumed_quantity) ELSE priced.rate_included END AS included, count(DISTINCT
        priced.charge_period_start) AS days
    FROM (
        SELECT usage_daily.service_provider_name AS service_provider_name, usage_daily.billing_account_id AS
            billing_account_id, usage_daily.sub_account_id AS sub_account_id, usage_daily.service_name AS
            service_name, usage_daily.resource_id AS resource_id, usage_daily.sku_meter AS sku_meter,
            usage_daily.billing_period_start AS billing_period_start, usage_daily.charge_period_start AS
            charge_period_start, usage_daily.sub_account_name AS sub_account_name, usage_daily.resource_name AS
            resource_name, usage_daily.consumed_quantity AS consumed_quantity, usage_daily.consumed_unit AS
            consumed_unit, usage_daily.x_is_additive AS x_is_additive, usage_daily.effective_cost AS effective_cost,
            usage_daily.billing_currency AS billing_currency, coalesce(usage_rate.service_name, '*') AS
            rate_service, usage_rate.contracted_unit_price AS rate_price, CASE WHEN
            (usage_rate.contracted_unit_price IS NOT NULL) THEN coalesce(usage_rate.x_pricing_quantity, 1) END AS
            rate_quantity, usage_rate.billing_currency AS rate_currency, usage_rate.sku_price_effective_start AS
            rate_start, usage_rate.x_included_quantity AS rate_included, row_number() OVER (PARTITION BY
            usage_daily.sub_account_id, usage_daily.resource_id, usage_daily.service_name, usage_daily.sku_meter,
            usage_daily.service_provider_name, usage_daily.billing_account_id, usage_daily.billing_period_start,
            usage_daily.charge_period_start ORDER BY CASE WHEN (coalesce(usage_rate.billing_account_id, '*') = '*')
            THEN 1 ELSE 0 END, CASE WHEN (coalesce(usage_rate.service_name, '*') = '*') THEN 1 ELSE 0 END,
            usage_rate.sku_price_effective_start DESC, usage_rate.contracted_unit_price,
            usage_rate.x_pricing_quantity, usage_rate.billing_currency, usage_rate.sku_price_effective_end,
            usage_rate.x_included_quantity, usage_rate.x_fixed_cost) AS rate_place
        FROM usage_daily
        LEFT OUTER JOIN usage_rate ON usage_daily.x_is_additive AND usage_daily.effective_cost IS NULL AND
            usage_rate.service_provider_name = usage_daily.service_provider_name AND usage_rate.sku_meter =
            usage_daily.sku_meter AND usage_rate.pricing_unit = usage_daily.consumed_unit AND
            (coalesce(usage_rate.billing_account_id, '*') = '*' OR usage_rate.billing_account_id =
            usage_daily.billing_account_id) AND (coalesce(usage_rate.service_name, '*') = '*' OR
            usage_rate.service_name = usage_daily.service_name) AND usage_rate.sku_price_effective_start <=
            usage_daily.charge_period_start AND (usage_rate.sku_price_effective_end IS NULL OR
            usage_daily.charge_period_start < usage_rate.sku_price_effective_end) AND
            usage_rate.contracted_unit_price IS NOT NULL AND usage_rate.billing_currency IS NOT NULL AND
            coalesce(usage_rate.x_pricing_quantity, 1) IN (1, 10, 100, 1000, 10000, 100000, 1000000)
        WHERE EXISTS (
            SELECT *
            FROM usage_rate AS including
            WHERE including.service_provider_name = usage_daily.service_provider_name AND including.sku_meter =
                usage_daily.sku_meter AND including.x_included_quantity IS NOT NULL
        )
    ) AS priced
    WHERE priced.rate_place = 1 AND priced.rate_included IS NOT NULL
    GROUP BY priced.service_provider_name, priced.billing_account_id, priced.rate_service, priced.sku_meter,
        priced.billing_period_start, priced.consumed_unit, priced.rate_currency, priced.rate_price,
        priced.rate_quantity, priced.rate_start, priced.rate_included
) AS monthly
UNION ALL
SELECT rated.service_provider_name, rated.billing_account_id, '' AS sub_account_id, rated.service_name, '' AS
    resource_id, '' AS sku_meter, rated.billing_period_start, '' AS consumed_unit, rated.billing_currency, 'fixed'
    AS x_line, CAST(NULL AS NUMERIC(38, 18)) AS consumed_quantity, CASE WHEN (rated.billing_currency IS NOT NULL)
    THEN rated.x_fixed_cost END AS effective_cost, CASE WHEN (rated.billing_currency IS NOT NULL) THEN 0 ELSE 1 END AS
    x_unpriced_rows, rated.days AS x_days
FROM (
    SELECT months.service_provider_name AS service_provider_name, months.billing_account_id AS billing_account_id,
        months.billing_period_start AS billing_period_start, months.days AS days, coalesce(usage_rate.service_name,
        '*') AS service_name, usage_rate.billing_currency AS billing_currency, usage_rate.x_fixed_cost AS
        x_fixed_cost, row_number() OVER (PARTITION BY months.service_provider_name, months.billing_account_id,
        months.billing_period_start, coalesce(usage_rate.service_name, '*'), usage_rate.sku_meter ORDER BY
        usage_rate.sku_price_effective_start DESC, usage_rate.contracted_unit_price, usage_rate.x_pricing_quantity,
        usage_rate.billing_currency, usage_rate.sku_price_effective_end, usage_rate.x_included_quantity,
        usage_rate.x_fixed_cost) AS rate_place
    FROM (
        SELECT usage_daily.service_provider_name AS service_provider_name, usage_daily.billing_account_id AS
            billing_account_id, usage_daily.billing_period_start AS billing_period_start, count(DISTINCT
            usage_daily.charge_period_start) AS days
        FROM usage_daily
        WHERE EXISTS (
            SELECT *
            FROM usage_rate
            WHERE usage_rate.service_provider_name = usage_daily.service_provider_name AND
                usage_rate.billing_account_id = usage_daily.billing_account_id AND usage_rate.x_fixed_cost IS NOT NULL
        )
        GROUP BY usage_daily.service_provider_name, usage_daily.billing_account_id, usage_daily.billing_period_start
    ) AS months, usage_rate
    WHERE usage_rate.service_provider_name = months.service_provider_name AND usage_rate.billing_account_id =
        months.billing_account_id AND usage_rate.x_fixed_cost IS NOT NULL AND usage_rate.sku_price_effective_start
        <= months.billing_period_start AND (usage_rate.sku_price_effective_end IS NULL OR
        months.billing_period_start < usage_rate.sku_price_effective_end)
) AS rated
WHERE rated.rate_place = 1;
