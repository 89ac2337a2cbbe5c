#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trialog::metadata {

/// What a setting is about. A name may be known in several scopes, such as `compression.type`.
enum class ConfigScope { broker, topic, group };
/// The types of Kafka's ConfigDef.
enum class ConfigType {
  boolean,
  short_integer,
  integer,
  long_integer,
  real_number,
  list,
  class_name,
  password,
  string,
};
/// Whether a broker's setting may change while it runs. Those of topics and groups always may.
enum class ConfigUpdate { read_only, dynamic };

/// One setting of Kafka 4.3.1, or one of Trialog's own (`durability`, `cluster.id`).
struct Setting {
  ConfigScope scope;
  std::string_view name;
  ConfigType type;
  /// Nothing where Kafka's default is null, or where the setting has to be given (`required`).
  std::optional<std::string_view> default_value;
  /// The rule for values as Kafka's definitions print it, such as "[1,...]"; empty for no rule.
  std::string_view valid;
  ConfigUpdate update;
  bool required = false;
  /// Kafka has no such setting.
  bool own = false;
  /// Whether it changes anything in Trialog. Others are accepted and kept, to no effect.
  bool used = false;
  /// What it does, in a sentence. Every used one has a text; of the others only those of topics.
  std::string_view about;
};

/// Settings as text, name to value: as a file gives them or as a topic's overrides keep them.
using Settings = std::map<std::string, std::string, std::less<>>;

/// All settings of the scope, in order of name.
std::span<const Setting> settings(ConfigScope scope);
/// Null if the scope has no such setting.
const Setting* find_setting(ConfigScope scope, std::string_view name);
/// The name in the scope that takes the fewest edits to reach from `name`.
std::string_view nearest_setting(ConfigScope scope, std::string_view name);

/// What DescribeConfigs says of the setting, never empty: what it does, and that it does nothing
/// here if Trialog does not use it.
std::string documentation(const Setting& setting);

/// Kafka's text for why `value` is not allowed ("Invalid value x for configuration y: ..."), or
/// empty if it is.
std::string value_problem(const Setting& setting, std::string_view value);

/// The names of the broker settings that give a topic's setting its default, the strongest first:
/// retention.ms <- log.retention.ms, log.retention.minutes, log.retention.hours.
std::vector<std::string_view> broker_synonyms(std::string_view topic_setting);
/// What holds for a topic: its own setting, else the strongest of the broker's synonyms that is
/// set, in the topic's unit, else the default; nothing if that is null. `topic_setting` must be
/// known.
std::optional<std::string> topic_value(std::string_view topic_setting, const Settings& topic,
                                       const Settings& broker);
/// What holds for the broker: the value given, else the default; nothing if that is null.
std::optional<std::string> broker_value(std::string_view name, const Settings& broker);

/// "boolean" and so on as DescribeConfigs v3+ numbers them (ConfigEntry.ConfigType: 1 boolean,
/// 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9 password).
std::int8_t type_number(ConfigType type);

/// The number in `text` as Java's parser reads it, spaces around it left out.
std::optional<std::int64_t> integer_value(std::string_view text);
/// True or false as Kafka reads them: in any case, with spaces around.
std::optional<bool> boolean_value(std::string_view text);
/// The parts between the commas, spaces around them left out; none for an empty text.
std::vector<std::string> list_value(std::string_view text);

}  // namespace trialog::metadata
