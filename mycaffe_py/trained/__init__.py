"""Floor 8: an opened snapshot: its nets, labels, preprocessing and known classes.

snapshot.py opens it, run_net.py runs it, inputs.py reads files for it, encodings.py embeds items,
class_map.py and identify.py compare inputs with the trained and the enrolled classes.
"""
