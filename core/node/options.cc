#include "core/node/options.h"

#include <algorithm>

#include "core/node/options_reader.h"

namespace trialog::node {

using metadata::broker_value;
using metadata::ConfigScope;
using metadata::find_setting;

namespace {

/// Kafka's own switches that its documentation leaves out.
bool internal_to_kafka(std::string_view name) {
  return name.starts_with("internal.") || name.starts_with("unstable.");
}

/// "listener.name.<listener>.<setting>" overrides a setting for one listener.
std::string_view without_listener(std::string_view name) {
  constexpr std::string_view prefix = "listener.name.";
  if (!name.starts_with(prefix)) return name;
  const auto dot = name.find('.', prefix.size());
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

std::string unknown_text(std::string_view name) {
  const std::string text = "Kafka has no setting " + std::string(name);
  const auto synonyms = metadata::broker_synonyms(name);
  if (!synonyms.empty()) {
    return text + " for a broker, only for a topic; the broker's default for it is " +
           std::string(synonyms.front());
  }
  return text + "; did you mean " +
         std::string(metadata::nearest_setting(ConfigScope::broker, name)) + "?";
}

}  // namespace

OptionsReader::OptionsReader(const metadata::Settings& settings, bool lenient)
    : settings_(settings), lenient_(lenient) {}

Parsed OptionsReader::read() {
  check_names_and_values();
  if (parsed_.problems.empty()) {
    read_identity();
    read_roles();
    read_listeners();
    read_advertised();
    read_inter_broker();
    check_listeners_of_roles();
    read_voters();
    read_bootstrap();
    check_quorum();
    read_directories();
    read_limits();
    read_replication();
    read_quorum_numbers();
    read_metadata_log();
    check_relations();
  }
  if (parsed_.problems.empty()) {
    options_.settings = settings_;
    parsed_.options = std::move(options_);
  }
  return std::move(parsed_);
}

void OptionsReader::problem(std::string text) { parsed_.problems.push_back(std::move(text)); }

void OptionsReader::remark(Level level, std::string text) {
  parsed_.remarks.push_back({level, std::move(text)});
}

bool OptionsReader::given(std::string_view name) const { return settings_.contains(name); }

std::string OptionsReader::text(std::string_view name) const {
  return broker_value(name, settings_).value_or("");
}

std::vector<std::string> OptionsReader::list(std::string_view name) const {
  return metadata::list_value(text(name));
}

/// Values have been checked by then.
std::int64_t OptionsReader::number(std::string_view name) const {
  return metadata::integer_value(text(name)).value_or(0);
}

std::int32_t OptionsReader::number32(std::string_view name) const {
  return static_cast<std::int32_t>(number(name));
}

bool OptionsReader::flag(std::string_view name) const {
  return metadata::boolean_value(text(name)).value_or(false);
}

Duration OptionsReader::duration(std::string_view name) const {
  constexpr std::int64_t century = 3'155'760'000'000;  // As good as for ever, and in range.
  return milliseconds(std::clamp(number(name), -century, century));
}

void OptionsReader::check_names_and_values() {
  for (const auto& [name, value] : settings_) {
    const auto* setting = find_setting(ConfigScope::broker, without_listener(name));
    if (setting == nullptr && !internal_to_kafka(name)) {
      lenient_ ? remark(Level::warn, unknown_text(name)) : problem(unknown_text(name));
    } else if (setting == nullptr || !setting->used || setting->name != name) {
      remark(Level::warn, "Trialog does not use the setting " + name);
    }
    if (setting == nullptr) continue;
    auto wrong = metadata::value_problem(*setting, value);
    if (!wrong.empty()) problem(std::move(wrong));
  }
}

/// KIP-500's rule: node.id must be given; broker.id is its old name.
void OptionsReader::read_identity() {
  if (!given("node.id") && !given("broker.id")) {
    return problem("node.id is missing: give each node a number of its own, such as node.id=1");
  }
  const auto id = number32(given("node.id") ? "node.id" : "broker.id");
  if (id < 0) return problem("node.id must be at least 0");
  if (given("node.id") && given("broker.id") && id != number32("broker.id")) {
    return problem("You must set `node.id` to the same value as `broker.id`.");
  }
  options_.id = NodeId(id);
  options_.rack = broker_value("broker.rack", settings_);
  options_.cluster_id = broker_value("cluster.id", settings_);
  if (options_.cluster_id && options_.cluster_id->empty()) problem("cluster.id is empty");
}

/// The table of settings knows the two names; a node that does not say is both.
void OptionsReader::read_roles() {
  if (!given("process.roles")) return;
  const auto roles = list("process.roles");
  options_.is_broker = std::ranges::count(roles, "broker") > 0;
  options_.is_controller = std::ranges::count(roles, "controller") > 0;
  if (roles.empty()) problem("process.roles is empty: it must be broker, controller or both");
}

void OptionsReader::read_directories() {
  const auto key = given("log.dirs") ? "log.dirs" : "log.dir";
  for (const auto& name : list(key)) {
    Disk::Path path(name);
    if (name.empty()) {
      problem(std::string(key) + " holds an empty name");
    } else {
      options_.log_dirs.push_back(std::move(path));
    }
  }
  if (options_.log_dirs.empty()) {
    return problem("At least one log directory must be defined via log.dirs or log.dir.");
  }
  const auto metadata_dir = text("metadata.log.dir");
  options_.metadata_log_dir =
      metadata_dir.empty() ? options_.log_dirs.front() : Disk::Path(metadata_dir);
}

Parsed parse(const metadata::Settings& settings, bool lenient) {
  return OptionsReader(settings, lenient).read();
}

}  // namespace trialog::node
