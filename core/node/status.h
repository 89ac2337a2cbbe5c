#pragma once

#include <string>
#include <vector>

#include "core/env/env.h"

namespace trialog::node {

/// Asks whichever of these nodes can be reached who leads the metadata quorum and how far everybody
/// has come, and says so in lines for a person. Its error is that of the last attempt.
Task<Result<std::string>> quorum_status(Env env, std::vector<Endpoint> bootstrap, Duration timeout);

}  // namespace trialog::node
