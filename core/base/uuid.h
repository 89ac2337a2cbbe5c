#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/random.h"

namespace trialog {

/// Sixteen bytes that name a topic, a cluster or a directory. All zero means "none".
struct Uuid {
  std::array<std::byte, 16> bytes{};

  /// A version-4 id whose text does not begin with '-', as Kafka's are.
  static Uuid random(Random& random);
  /// Kafka's text form: URL-safe base64 without padding, 22 characters.
  static std::optional<Uuid> parse(std::string_view text);
  std::string text() const;
  bool is_zero() const { return *this == Uuid(); }

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

/// The fixed id of the metadata log's topic (KIP-516).
Uuid metadata_topic_id();

}  // namespace trialog
