#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace trialog {

/// CRC-32C (Castagnoli) as in iSCSI and Kafka's record batches; of "123456789" it is 0xE3069283.
/// To go on from a CRC so far, pass it as `seed`.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t seed = 0);

}  // namespace trialog
