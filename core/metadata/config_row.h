#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "core/metadata/config_table.h"
#include "core/metadata/config_used.h"

/// How the lines of the tables of settings are written. For those tables only.
namespace trialog::metadata::rows {

using enum ConfigType;

struct Null {};
struct Required {};
inline constexpr Null null;
inline constexpr Required required;
inline constexpr ConfigUpdate dynamic = ConfigUpdate::dynamic;

/// A default as a table writes it: text, `null` or `required`.
struct Default {
  std::optional<std::string_view> text;
  bool is_required = false;
  consteval Default(const char* value) : text(value) {}
  consteval Default(Null) {}
  consteval Default(Required) : is_required(true) {}
};

consteval Setting kafka(std::string_view name, ConfigType type, Default default_value,
                        std::string_view valid = "",
                        ConfigUpdate update = ConfigUpdate::read_only) {
  return {.scope = ConfigScope::broker,
          .name = name,
          .type = type,
          .default_value = default_value.text,
          .valid = valid,
          .update = update,
          .required = default_value.is_required};
}

consteval Setting own(std::string_view name, ConfigType type, Default default_value,
                      std::string_view valid = "") {
  auto setting = kafka(name, type, default_value, valid);
  setting.own = true;
  return setting;
}

/// Takes the setting's text from the front of `texts` if that is about it.
consteval bool describe(Setting& setting, std::span<const About>& texts) {
  if (texts.empty() || texts.front().name != setting.name) return false;
  if (texts.front().text.empty()) throw "a setting has an empty text";
  setting.about = texts.front().text;
  texts = texts.subspan(1);
  return true;
}

/// Completes a table: the scope of its lines, which of them are used, and what they do. `used` and
/// `unused` must be in order and name lines of the table only.
template <std::size_t N>
consteval auto table(ConfigScope scope, const Setting (&lines)[N], std::span<const About> used,
                     std::span<const About> unused = {}) {
  std::array<Setting, N> result{};
  for (std::size_t i = 0; i < N; ++i) {
    result[i] = lines[i];
    result[i].scope = scope;
    result[i].used = describe(result[i], used);
    if (!result[i].used) describe(result[i], unused);
  }
  if (!used.empty() || !unused.empty()) throw "a name is out of order or not in the table";
  return result;
}

std::span<const Setting> broker();
std::span<const Setting> topic();
std::span<const Setting> group();

}  // namespace trialog::metadata::rows
