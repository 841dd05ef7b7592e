"""The taxonomy as a codebook for people and for other programs, and what they changed in it on the way back.

``entries`` are the codes that a taxonomy has; ``descriptions`` writes and reads the text of one. ``qdc`` writes and
reads the REFI-QDA codebook format of NVivo, MAXQDA, ATLAS.ti and QualCoder, ``page`` the codebook to be printed.
``matching`` finds out which code is which, ``changes`` what is otherwise in a file and how to take it. These take
values and return values; ``files`` does the work on a workspace.
"""
