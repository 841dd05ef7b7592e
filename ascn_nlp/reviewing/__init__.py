"""The review loop over a workspace: what opens files and the store for it. What is computed is in ``review/``.

``files`` writes exports and takes them back, ``samples`` chooses what to review next, ``figures`` tells agreement,
estimates and how far a review has come, ``labels`` makes training passages of verdicts.
"""
