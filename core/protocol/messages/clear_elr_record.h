#pragma once

#include <string>

#include "core/protocol/schema.h"

namespace trialog::protocol {

/// No partition of a topic, or of any if it is not named, has eligible leader replicas from here
/// on, because min.insync.replicas changed (KIP-966).
struct ClearElrRecord {
  using Self = ClearElrRecord;
  static constexpr Api api{.key = 28, .valid = "0", .flexible = "0+"};

  std::string topic_name;

  static constexpr auto wire = fields(
      field<&Self::topic_name>("TopicName"));
};

}  // namespace trialog::protocol
