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

/// Listens at the first address of `at` that can be bound. A connection that was reset before it
/// was accepted is passed over; while the process is out of descriptors or memory, accepting pauses
/// and the queue of the kernel waits.
Result<std::unique_ptr<Listener>> listen_at(boost::asio::io_context& io, AsioExecutor& executor,
                                            Clock& clock, Trace& trace, const Endpoint& at);

}  // namespace trialog::real
