#pragma once

#include <string_view>

namespace trialog::real {

/// Tells whoever started the process (systemd, Type=notify) how it is: "READY=1", "STOPPING=1".
/// Does nothing if nobody asked to be told, and says nothing if telling fails.
void tell_supervisor(std::string_view state);

}  // namespace trialog::real
