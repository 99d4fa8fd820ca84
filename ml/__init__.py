"""The credit model: from marts to scores.

``learning`` fits both algorithms on a training set, ``judging`` says how well they do, ``versions`` keeps, compares,
promotes and rolls back what was trained, ``monitoring`` watches stability and fairness, ``card`` writes the model card.
``train`` and ``score`` are what the DAGs call.
"""
