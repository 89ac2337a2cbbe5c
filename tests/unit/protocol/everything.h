#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// Kafka has no such message: one with every kind of field, in every way a table can have it.
struct Everything {
  using Self = Everything;
  static constexpr Api api{.key = 999, .valid = "0-3", .flexible = "2+"};

  struct Point {
    using Self = Point;
    std::int32_t x = 7;
    std::int32_t y = 0;

    // clang-format off
    static constexpr auto wire = fields(
        field<&Self::x>("X"),
        field<&Self::y>("Y", "1+"));
    // clang-format on
  };

  bool flag = true;
  std::int8_t small = 0;
  std::int16_t medium = 0;
  std::int32_t number = -1;
  std::int64_t large = 0;
  std::uint16_t port = 0;
  std::uint32_t crc = 0;
  double ratio = 0;
  Uuid id;
  ErrorCode error_code = ErrorCode::none;
  std::string text;
  std::optional<std::string> maybe_text;
  Bytes bytes;
  std::optional<Bytes> maybe_bytes;
  Records records;
  std::vector<std::int64_t> numbers;
  std::vector<std::string> texts;
  std::vector<Point> points;
  std::optional<std::vector<Point>> maybe_points;
  Point point;
  std::optional<Point> maybe_point;
  std::string rigid;
  std::string only_old;
  std::string droppable;
  std::int32_t tagged_number = 5;
  std::optional<std::string> tagged_text;
  std::vector<Point> tagged_points;
  Point tagged_point;

  // clang-format off
  static constexpr auto wire = fields(
      field<&Self::flag>("Flag"),
      field<&Self::small>("Small"),
      field<&Self::medium>("Medium"),
      field<&Self::number>("Number"),
      field<&Self::large>("Large"),
      field<&Self::port>("Port"),
      field<&Self::crc>("Crc"),
      field<&Self::ratio>("Ratio"),
      field<&Self::id>("Id"),
      field<&Self::error_code>("ErrorCode"),
      field<&Self::text>("Text"),
      field<&Self::maybe_text>("MaybeText").nullable("1+"),
      field<&Self::bytes>("Bytes"),
      field<&Self::maybe_bytes>("MaybeBytes").nullable("0+"),
      field<&Self::records>("Records").nullable("0+"),
      field<&Self::numbers>("Numbers"),
      field<&Self::texts>("Texts"),
      field<&Self::points>("Points"),
      field<&Self::maybe_points>("MaybePoints").nullable("0+"),
      field<&Self::point>("Point"),
      field<&Self::maybe_point>("MaybePoint").nullable("1+"),
      field<&Self::rigid>("Rigid").rigid(),
      field<&Self::only_old>("OnlyOld", "0-1"),
      field<&Self::droppable>("Droppable", "1+").ignorable(),
      field<&Self::tagged_number>("TaggedNumber", "2+").tagged(1, "2+"),
      field<&Self::tagged_text>("TaggedText", "2+").nullable("2+").tagged(0, "2+"),
      field<&Self::tagged_points>("TaggedPoints", "3+").tagged(2, "3+").ignorable(),
      field<&Self::tagged_point>("TaggedPoint", "2+").tagged(40, "2+"));
  // clang-format on
};

}  // namespace trialog::protocol
