"""The reports of `mycaffe enroll` and `mycaffe identify`."""
