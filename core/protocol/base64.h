#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trialog::protocol {

/// RFC 4648 section 4, with padding, as JSON carries bytes.
std::string to_base64(std::span<const std::byte> bytes);
/// Nothing if the text is not base64; the padding may be missing.
std::optional<std::vector<std::byte>> from_base64(std::string_view text);

}  // namespace trialog::protocol
