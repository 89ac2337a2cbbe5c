#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace trialog::real {

/// What the system call's `errno` value means to core/.
IoError::Kind kind_of(int error);

/// "open logs/orders-0: No space left on device": what was tried, on what, and why it failed.
IoError system_error(int error, std::string_view tried, std::string_view on);

}  // namespace trialog::real
