"""Documents that clients name by their SHA-256, so that they need not send the text each time."""

import hashlib
from collections import OrderedDict
from dataclasses import replace

from dutybook.http.params import Params
from dutybook.http.refusals import NotPersisted, OtherHash

REMEMBERED = 256
LONGEST = 10_000


class Persisted:
    """The documents used last. Each server process has its own: whoever is not understood sends the text along again."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()

    def resolve(self, params: Params) -> Params:
        """The request with its document spelled out."""
        if params.digest is None:
            return params
        if params.query:
            real = hashlib.sha256(params.query.encode()).hexdigest()
            if real != params.digest:
                raise OtherHash(params.digest, real)
            return params
        text = self._texts.get(params.digest)
        if text is None:
            raise NotPersisted
        return replace(params, query=text)

    def keep(self, params: Params) -> None:
        """Remembers the document of a request that was found in order."""
        if params.digest is None or len(params.query) > LONGEST:
            return
        self._texts[params.digest] = params.query
        self._texts.move_to_end(params.digest)
        if len(self._texts) > REMEMBERED:
            self._texts.popitem(last=False)
