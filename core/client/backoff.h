#pragma once

#include "core/base/random.h"
#include "core/base/time.h"

namespace trialog::client {

/// How long to wait after the `failures`-th failure in a row: `first` doubled with each, at most
/// `most`, and up to a fifth less by chance so that clients don't come back all at once.
Duration backoff(Duration first, Duration most, int failures, Random& random);

}  // namespace trialog::client
