"""A validator's walk from raw rows to the published decision, by plain Python that shares no code with the product.

Features are those of tests/dbt_project/naive; pd, score, knock-outs, limit, price, budget and reasons are worked out
here from the model's own files and the policy's CSV files.

    python -m tests.walkthrough HOME [--sellers 50]
"""
