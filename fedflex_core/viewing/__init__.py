"""What people export, what can be watched, and how watching becomes stars.

``history`` reads an export, ``catalogue`` holds the series and makes catalogues of other lists, ``embeddings``
are their titles and synopses as vectors, ``matching`` finds the series that a name stands for, ``inspection``
tells a person what is known of their history, and ``ratings`` turns viewings into stars.
"""
