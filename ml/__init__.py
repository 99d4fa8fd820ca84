"""The credit model: from marts to scores.

``learning`` fits the algorithms on a training set, ``evaluation`` measures how well they do, ``registry`` keeps
versions, ``promotion`` compares, promotes and rolls them back, ``monitoring`` watches stability and fairness,
``reports`` writes model cards and feature pages. ``train`` and ``score`` are what the DAGs call.
"""
