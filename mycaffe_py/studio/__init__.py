"""Floor 12: the studio, a net seen, edited, trained and questioned in a browser.

A server of one user on this machine's own address. What takes long runs as processes of the public
command, so that everything the pages do can be done without them.
"""
