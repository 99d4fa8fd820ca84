{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        partition_by=["as_of"],
        pre_hook="{{ delete_stale_nights() }}"
    )
}}

{{ seller_features("night") }}
