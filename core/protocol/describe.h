#pragma once

#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "core/base/error_code.h"
#include "core/base/uuid.h"
#include "core/protocol/schema.h"

namespace trialog::protocol {

/// How wire tables become schemas. Included where tables are compiled (instances/), not where
/// messages are used.
namespace detail {

/// Completes `schema`, whose name, api, defaults, make and destroy are given.
Schema complete(Schema schema, std::span<const Field> table);

template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<std::optional<T>> = true;
template <class T>
constexpr bool is_vector = false;
template <class T>
constexpr bool is_vector<std::vector<T>> = true;

/// "FetchTopic" for trialog::protocol::FetchRequest::FetchTopic.
template <class T>
constexpr std::string_view type_name() {
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_prefix(text.find("T = ") + 4);
  text = text.substr(0, text.find_first_of(";]"));
  return text.substr(text.rfind(':') + 1);
}

template <class Struct, class T>
const void* address_in(const void* message, T Struct::* member) {
  return &(static_cast<const Struct*>(message)->*member);
}

template <class T>
consteval Kind kind_of() {
  if constexpr (std::is_enum_v<T>) return kind_of<std::underlying_type_t<T>>();
  if constexpr (std::same_as<T, bool>) return Kind::boolean;
  if constexpr (std::same_as<T, std::int8_t>) return Kind::int8;
  if constexpr (std::same_as<T, std::int16_t>) return Kind::int16;
  if constexpr (std::same_as<T, std::int32_t>) return Kind::int32;
  if constexpr (std::same_as<T, std::int64_t>) return Kind::int64;
  if constexpr (std::same_as<T, std::uint16_t>) return Kind::uint16;
  if constexpr (std::same_as<T, std::uint32_t>) return Kind::uint32;
  if constexpr (std::same_as<T, double>) return Kind::float64;
  if constexpr (std::same_as<T, Uuid>) return Kind::uuid;
  if constexpr (std::same_as<T, std::string>) return Kind::string;
  if constexpr (std::same_as<T, Bytes>) return Kind::bytes;
  if constexpr (std::same_as<T, Chain>) return Kind::records;
  if constexpr (Message<T>) return Kind::structure;
}

template <class T>
MemberType describe() {
  MemberType type;
  if constexpr (is_optional<T>) {
    type = describe<typename T::value_type>();
    type.optional = true;
    type.peek = [](const void* member) -> const void* {
      const auto& value = *static_cast<const T*>(member);
      return value ? &*value : nullptr;
    };
    // Not emplace(): clang asks inside the enclosing struct, too early, whether that may be called.
    type.emplace = [](void* member) -> void* {
      return &*(*static_cast<T*>(member) = typename T::value_type());
    };
    type.reset = [](void* member) { static_cast<T*>(member)->reset(); };
  } else if constexpr (is_vector<T>) {
    type = describe<typename T::value_type>();
    type.array = true;
    type.elements = [](const void* array) -> MemberType::Elements {
      const auto& values = *static_cast<const T*>(array);
      return {reinterpret_cast<const std::byte*>(values.data()), values.size()};
    };
    type.resize = [](void* array, std::size_t count) {
      auto& values = *static_cast<T*>(array);
      values.clear();
      values.resize(count);
      return reinterpret_cast<std::byte*>(values.data());
    };
  } else {
    type.kind = kind_of<T>();
    type.stride = sizeof(T);
    if constexpr (Message<T>) type.schema = &schema_of<T>;
  }
  return type;
}

}  // namespace detail

template <class T>
const MemberType& member_type() {
  static const MemberType type = detail::describe<T>();
  return type;
}

template <auto Member>
const void* member_address(const void* message) {
  return detail::address_in(message, Member);
}

template <Message T>
const Schema& schema_of() {
  static const T defaults{};
  static const Schema schema = [] {
    Schema begun;
    begun.name = detail::type_name<T>();
    if constexpr (requires { T::api; }) begun.api = T::api;
    begun.defaults = &defaults;
    begun.make = []() -> void* { return new T(); };
    begun.destroy = [](void* message) { delete static_cast<T*>(message); };
    return detail::complete(std::move(begun), T::wire);
  }();
  return schema;
}

}  // namespace trialog::protocol
