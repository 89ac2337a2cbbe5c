#pragma once

#include <memory>

#include "core/base/trace.h"
#include "core/env/clock.h"
#include "core/env/network.h"

namespace boost::asio {
class io_context;
}

namespace trialog::real {

class AsioExecutor;

/// TCP. An empty host to listen at is every interface.
std::unique_ptr<Network> make_network(boost::asio::io_context& io, AsioExecutor& executor,
                                      Clock& clock, Trace& trace);

}  // namespace trialog::real
