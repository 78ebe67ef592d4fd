"""What a program gives to a net: files, Pillow images, arrays; read as the net's own data were."""
