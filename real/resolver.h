#pragma once

#include <vector>

#include "core/base/result.h"
#include "core/env/task.h"
#include "real/address.h"

namespace boost::asio {
class io_context;
}

namespace trialog::real {

/// All addresses of a host, in the system's order of preference. Names are asked for by a thread of
/// Asio's; numbers are understood at once.
Task<Result<std::vector<Address>>> resolve(boost::asio::io_context& io, Endpoint name);

/// The same without a loop, for what happens once at the start. Blocks. An empty host is every
/// interface.
Result<std::vector<Address>> resolve_to_listen(const Endpoint& name);

}  // namespace trialog::real
