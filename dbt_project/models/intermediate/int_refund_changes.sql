{{ signed_versions(ref("stg_refunds"), ["refund_id"]) }}
