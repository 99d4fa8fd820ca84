{{ signed_versions(ref("stg_orders"), ["order_id", "seller_id"]) }}
