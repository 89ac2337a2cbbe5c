#pragma once

#include <cstdint>
#include <string_view>

namespace trialog {

/// The only source of chance. Same seed, same numbers, on every compiler and platform; hence no
/// `std::` distribution, whose results are unspecified. (SplitMix64, Steele et al. 2014.)
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  /// Uniform in [0, bound); `bound` must not be 0.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [low, high], both inclusive.
  std::int64_t between(std::int64_t low, std::int64_t high);
  /// True `per_million` times in a million. No floating point: it decides what happens.
  bool chance(std::uint32_t per_million);

  /// An independent stream, so that a new draw here never shifts the draws over there. Does not
  /// advance this one.
  Random fork(std::string_view label) const;
  Random fork(std::uint64_t label) const;

 private:
  std::uint64_t state_;
};

}  // namespace trialog
