{{ signed_versions(ref("stg_payments"), ["payment_id"]) }}
