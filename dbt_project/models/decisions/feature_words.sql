{{ config(materialized="table", schema="policy") }}

{{ feature_words() }}
