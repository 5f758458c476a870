"""The sender's desk: a small page on which an officer tries a file before sending it, and sends it when it is fit.

`tokens` says who may send, `app` is the page and its answers. A file that is only checked leaves nothing. Not here:
reading and judging (`intake.trial`), and the words of a letter (`notices.letters`).
"""
