#pragma once

#include <memory>

#include "core/env/clock.h"
#include "core/env/executor.h"

namespace boost::asio {
class io_context;
}

namespace trialog::real {

/// The machine's steady clock, beginning at 0 when it is made, and its time of day.
std::unique_ptr<Clock> make_clock(boost::asio::io_context& io, Executor& executor);

}  // namespace trialog::real
