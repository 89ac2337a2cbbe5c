"""What the Python clients' checks share: the records they send and how they tell a result."""
import random

START = 1_700_000_000_000


def records(seed):
    """Key, value, headers and timestamp of 60 records; every other one has no key."""
    chance = random.Random(seed)
    for i in range(60):
        key = None if i % 2 else b"key-%d" % chance.randrange(7)
        yield key, chance.randbytes(chance.randrange(2000)), [("n", b"%d" % i)], START + 1000 * i


class Report:
    """Prints "ok …" or "FAILED …" lines of one client; `failed` once one has failed."""

    def __init__(self, client):
        self.client, self.failed = client, False

    def __call__(self, what, fine, detail=""):
        self.failed = self.failed or not fine
        print(f"ok {self.client} {what}" if fine else f"FAILED {self.client} {what}: {detail}", flush=True)
