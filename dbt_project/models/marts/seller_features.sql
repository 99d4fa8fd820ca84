{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_stale_nights() }}"
    )
}}

{{ seller_features("night") }}
