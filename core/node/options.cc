#include "core/node/options.h"

#include <algorithm>

#include "core/base/check.h"

namespace trialog::node {

namespace {

using metadata::broker_value;
using metadata::ConfigScope;
using metadata::find_setting;
using metadata::list_value;
using metadata::Setting;
using metadata::Settings;

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

Duration from_ms(std::int64_t ms) {
  constexpr std::int64_t century = 3'155'760'000'000;  // As good as for ever, and in range.
  return milliseconds(std::clamp(ms, -century, century));
}

/// Reads one set of settings. Each method looks at one matter and adds to what is wrong with it.
class Reader {
 public:
  Reader(const Settings& settings, bool lenient) : settings_(settings), lenient_(lenient) {}

  Parsed read() {
    check_names_and_values();
    if (parsed_.problems.empty()) {
      read_identity();
      read_quorum();
      read_listeners();
      read_advertised();
      read_inter_broker();
      read_directories();
      read_numbers();
    }
    if (parsed_.problems.empty()) {
      options_.settings = settings_;
      parsed_.options = std::move(options_);
    }
    return std::move(parsed_);
  }

 private:
  void problem(std::string text) { parsed_.problems.push_back(std::move(text)); }
  void remark(Level level, std::string text) {
    parsed_.remarks.push_back({level, std::move(text)});
  }

  bool given(std::string_view name) const { return settings_.contains(name); }
  std::string text(std::string_view name) const {
    return broker_value(name, settings_).value_or("");
  }
  std::vector<std::string> list(std::string_view name) const { return list_value(text(name)); }
  /// Values have been checked by then.
  std::int64_t number(std::string_view name) const {
    return metadata::integer_value(text(name)).value_or(0);
  }
  std::int32_t number32(std::string_view name) const {
    return static_cast<std::int32_t>(number(name));
  }
  bool flag(std::string_view name) const {
    return metadata::boolean_value(text(name)).value_or(false);
  }

  void check_names_and_values() {
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
  void read_identity() {
    if (!given("node.id") && !given("broker.id")) {
      return problem("node.id is missing: give each broker a number of its own, such as node.id=1");
    }
    const auto id = number32(given("node.id") ? "node.id" : "broker.id");
    if (id < 0) return problem("node.id must be at least 0");
    if (given("node.id") && given("broker.id") && id != number32("broker.id")) {
      return problem("broker.id must be the same as node.id, or left out");
    }
    options_.id = NodeId(id);
    options_.rack = broker_value("broker.rack", settings_);
    options_.cluster_id = broker_value("cluster.id", settings_);
    if (options_.cluster_id && options_.cluster_id->empty()) problem("cluster.id is empty");
  }

  void read_quorum() {
    const auto roles = list("process.roles");
    if (given("process.roles") && !(std::ranges::count(roles, "broker") == 1 &&
                                    std::ranges::count(roles, "controller") == 1)) {
      problem("process.roles must be broker,controller: a node is both");
    }
    const auto voters = list("controller.quorum.voters");
    const auto self = std::to_string(options_.id.value) + "@";
    if (voters.size() > 1 || (voters.size() == 1 && !voters[0].starts_with(self))) {
      problem("controller.quorum.voters must name this node alone, as " + self + "host:port");
    }
    if (list("controller.quorum.bootstrap.servers").size() > 1) {
      problem("controller.quorum.bootstrap.servers must name this node alone, as host:port");
    }
  }

  bool is_controllers(std::string_view listener) const {
    return std::ranges::count(list("controller.listener.names"), listener) > 0;
  }

  void read_listeners() {
    for (const auto& part : list("listeners")) {
      auto listener = parse_listener("listeners", part);
      if (!listener) continue;
      if (is_controllers(listener->name)) {
        remark(Level::info, "the listener " + listener->name + " at " + listener->at.text() +
                                " is not opened: a broker alone is its own controller");
        continue;
      }
      check_protocol(*listener);
      check_distinct(*listener);
      options_.listeners.push_back(std::move(*listener));
    }
    if (options_.listeners.empty() && parsed_.problems.empty()) {
      problem("listeners names no listener for clients, such as PLAINTEXT://localhost:9092");
    }
  }

  /// "NAME://host:port", where the host may be empty or an IPv6 address in brackets.
  std::optional<Listener> parse_listener(const char* key, const std::string& part) {
    const auto slashes = part.find("://");
    const auto colon = part.rfind(':');
    std::optional<std::int64_t> port;
    if (slashes != std::string::npos && colon > slashes) {
      port = metadata::integer_value(part.substr(colon + 1));
    }
    if (slashes == 0 || !port || *port < 0 || *port > 65535) {
      problem(std::string(key) + " holds \"" + part + "\", which is not NAME://host:port");
      return std::nullopt;
    }
    std::string name = part.substr(0, slashes);
    for (auto& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    std::string host = part.substr(slashes + 3, colon - slashes - 3);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return Listener{std::move(name), Endpoint(host, static_cast<std::uint16_t>(*port))};
  }

  void check_protocol(const Listener& listener) {
    for (const auto& pair : list("listener.security.protocol.map")) {
      const auto colon = pair.find(':');
      if (colon == std::string::npos || pair.substr(0, colon) != listener.name) continue;
      if (pair.substr(colon + 1) == "PLAINTEXT") return;
      return problem("the listener " + listener.name + " asks for " + pair.substr(colon + 1) +
                     ", but PLAINTEXT is the only security protocol offered");
    }
    problem("the listener " + listener.name + " has no security protocol: add " + listener.name +
            ":PLAINTEXT to listener.security.protocol.map");
  }

  void check_distinct(const Listener& listener) {
    for (const auto& other : options_.listeners) {
      if (other.name == listener.name) problem("listeners holds " + listener.name + " twice");
      if (listener.at.port() != 0 && other.at == listener.at) {
        problem("listeners gives " + listener.at.text() + " to both " + other.name + " and " +
                listener.name);
      }
    }
  }

  /// What is not advertised otherwise is reached where it listens.
  void read_advertised() {
    options_.advertised = options_.listeners;
    for (const auto& part : list("advertised.listeners")) {
      auto listener = parse_listener("advertised.listeners", part);
      if (!listener || is_controllers(listener->name)) continue;
      const auto same = std::ranges::find(options_.advertised, listener->name, &Listener::name);
      if (same == options_.advertised.end()) {
        problem("advertised.listeners names " + listener->name + ", which listeners does not");
      } else {
        *same = std::move(*listener);
      }
    }
    for (const auto& listener : options_.advertised) {
      if (listener.at.host() != "0.0.0.0" && listener.at.host() != "::") continue;
      problem("advertised.listeners cannot use the nonroutable meta-address " + listener.at.host() +
              ": give the address that clients reach " + listener.name + " by");
    }
  }

  void read_inter_broker() {
    if (given("inter.broker.listener.name") && given("security.inter.broker.protocol")) {
      problem("give inter.broker.listener.name or security.inter.broker.protocol, not both");
    }
    const auto name = text("inter.broker.listener.name");
    if (!name.empty() && std::ranges::count(options_.listeners, name, &Listener::name) == 0) {
      problem("inter.broker.listener.name is " + name + ", which listeners does not name");
    }
    if (text("security.inter.broker.protocol") != "PLAINTEXT") {
      problem("security.inter.broker.protocol must be PLAINTEXT, the only one offered");
    }
  }

  void read_directories() {
    const auto key = given("log.dirs") ? "log.dirs" : "log.dir";
    for (const auto& name : list(key)) {
      Disk::Path path(name);
      if (name.empty()) {
        problem(std::string(key) + " holds an empty name");
      } else {
        options_.log_dirs.push_back(std::move(path));
      }
    }
    if (options_.log_dirs.empty()) return problem(std::string(key) + " names no directory");
    const auto metadata_dir = text("metadata.log.dir");
    options_.metadata_log_dir =
        metadata_dir.empty() ? options_.log_dirs.front() : Disk::Path(metadata_dir);
  }

  void read_numbers() {
    options_.auto_create_topics = flag("auto.create.topics.enable");
    options_.delete_topics = flag("delete.topic.enable");
    options_.num_partitions = number32("num.partitions");
    options_.default_replication_factor = number32("default.replication.factor");
    if (options_.default_replication_factor < 1) {
      problem("default.replication.factor must be at least 1");
    }
    options_.fetch_max_bytes = number32("fetch.max.bytes");
    options_.fetch_session_slots = number32("max.incremental.fetch.session.cache.slots");
    options_.max_request_partitions = number32("max.request.partition.size.limit");
    options_.socket_request_max_bytes = number32("socket.request.max.bytes");
    options_.queued_max_request_bytes = number("queued.max.request.bytes");
    options_.queued_max_requests = number32("queued.max.requests");
    options_.max_connections = number32("max.connections");
    options_.max_connections_per_ip = number32("max.connections.per.ip");
    options_.connections_max_idle = from_ms(number("connections.max.idle.ms"));
    options_.retention_check_interval = from_ms(number("log.retention.check.interval.ms"));
  }

  const Settings& settings_;
  bool lenient_;
  Options options_;
  Parsed parsed_;
};

/// The value that holds for the topic and is right; the default otherwise.
std::string sound_value(std::string_view name, const Settings& topic, const Settings& broker) {
  const auto* setting = find_setting(ConfigScope::topic, name);
  CHECK(setting != nullptr);
  const auto value = metadata::topic_value(name, topic, broker);
  if (value && metadata::value_problem(*setting, *value).empty()) return *value;
  return std::string(setting->default_value.value_or(""));
}

}  // namespace

Parsed parse(const Settings& settings, bool lenient) { return Reader(settings, lenient).read(); }

TopicOptions topic_options(const Settings& topic, const Settings& broker) {
  const auto text = [&](std::string_view name) { return sound_value(name, topic, broker); };
  const auto number = [&](std::string_view name) {
    return metadata::integer_value(text(name)).value_or(0);
  };
  const auto number32 = [&](std::string_view name) {
    return static_cast<std::int32_t>(number(name));
  };
  TopicOptions options;
  options.log.segment_bytes = number("segment.bytes");
  options.log.segment_ms = number("segment.ms");
  options.log.segment_index_bytes = number("segment.index.bytes");
  options.log.index_interval_bytes = number("index.interval.bytes");
  options.log.retention_ms = number("retention.ms");
  options.log.retention_bytes = number("retention.bytes");
  options.log.file_delete_delay_ms = number("file.delete.delay.ms");
  const auto expiration = broker_value("producer.id.expiration.ms", broker).value_or("");
  options.log.producer_id_expiration_ms =
      metadata::integer_value(expiration).value_or(options.log.producer_id_expiration_ms);
  options.log.deletes = std::ranges::count(list_value(text("cleanup.policy")), "delete") > 0;
  options.log.durability =
      text("durability") == "page-cache" ? log::Durability::page_cache : log::Durability::fsync;
  options.max_message_bytes = number32("max.message.bytes");
  options.compression_type = text("compression.type");
  options.gzip_level = number32("compression.gzip.level");
  options.lz4_level = number32("compression.lz4.level");
  options.zstd_level = number32("compression.zstd.level");
  options.timestamp_type = text("message.timestamp.type") == "LogAppendTime"
                               ? TopicOptions::TimestampType::log_append_time
                               : TopicOptions::TimestampType::create_time;
  options.timestamp_before_max_ms = number("message.timestamp.before.max.ms");
  options.timestamp_after_max_ms = number("message.timestamp.after.max.ms");
  options.min_insync_replicas = number32("min.insync.replicas");
  return options;
}

}  // namespace trialog::node
