#include <algorithm>

#include "core/node/options_reader.h"

namespace trialog::node {

namespace {

std::string in_capitals(std::string text) {
  for (auto& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::string names_of(const std::vector<Listener>& listeners) {
  std::string text;
  for (const auto& listener : listeners) text += (text.empty() ? "" : ",") + listener.name;
  return text;
}

bool names(const std::vector<Listener>& listeners, std::string_view name) {
  return std::ranges::count(listeners, name, &Listener::name) > 0;
}

}  // namespace

bool OptionsReader::is_controllers(std::string_view listener) const {
  return std::ranges::count(controller_names_, listener) > 0;
}

void OptionsReader::read_listeners() {
  for (auto& name : list("controller.listener.names")) {
    controller_names_.push_back(in_capitals(std::move(name)));
  }
  for (const auto& name : controller_names_) check_protocol_of_controllers(name);
  if (!controller_names_.empty()) options_.controller_listener_name = controller_names_.front();
  for (const auto& part : list("listeners")) {
    auto listener = parse_listener("listeners", part);
    if (!listener) continue;
    check_distinct(*listener);
    if (is_controllers(listener->name)) {
      options_.controller_listeners.push_back(std::move(*listener));
    } else {
      check_protocol(*listener);
      options_.listeners.push_back(std::move(*listener));
    }
  }
}

/// "NAME://host:port", where the host may be empty or an IPv6 address in brackets.
std::optional<Listener> OptionsReader::parse_listener(const char* key, const std::string& part) {
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
  std::string host = part.substr(slashes + 3, colon - slashes - 3);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return Listener{in_capitals(part.substr(0, slashes)),
                  Endpoint(host, static_cast<std::uint16_t>(*port))};
}

void OptionsReader::check_protocol(const Listener& listener) {
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

/// Without a map of its own, a controller's listener is plaintext whatever its name, as in Kafka.
void OptionsReader::check_protocol_of_controllers(const std::string& name) {
  if (!given("listener.security.protocol.map")) {
    for (const auto* other : {"SSL", "SASL_PLAINTEXT", "SASL_SSL"}) {
      if (name == other) return check_protocol(Listener{name, Endpoint()});
    }
    return;
  }
  check_protocol(Listener{name, Endpoint()});
}

void OptionsReader::check_distinct(const Listener& listener) {
  for (const auto* group : {&options_.listeners, &options_.controller_listeners}) {
    for (const auto& other : *group) {
      if (other.name == listener.name) problem("listeners holds " + listener.name + " twice");
      if (listener.at.port() != 0 && other.at == listener.at) {
        problem("listeners gives " + listener.at.text() + " to both " + other.name + " and " +
                listener.name);
      }
    }
  }
}

/// What is not advertised otherwise is reached where it listens.
void OptionsReader::read_advertised() {
  options_.advertised = options_.listeners;
  options_.controller_advertised = options_.controller_listeners;
  for (const auto& part : list("advertised.listeners")) {
    auto listener = parse_listener("advertised.listeners", part);
    if (!listener) continue;
    auto& group =
        is_controllers(listener->name) ? options_.controller_advertised : options_.advertised;
    const auto same = std::ranges::find(group, listener->name, &Listener::name);
    if (same == group.end()) {
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

void OptionsReader::read_inter_broker() {
  if (given("inter.broker.listener.name") && given("security.inter.broker.protocol")) {
    problem("give inter.broker.listener.name or security.inter.broker.protocol, not both");
  }
  if (text("security.inter.broker.protocol") != "PLAINTEXT") {
    problem("security.inter.broker.protocol must be PLAINTEXT, the only one offered");
  }
  const auto name = in_capitals(text("inter.broker.listener.name"));
  if (!name.empty()) options_.inter_broker_listener = name;
  if (!options_.is_broker) {
    if (is_controllers(name)) {
      problem(
          "controller.listener.names must not contain an explicitly set "
          "inter.broker.listener.name configuration value when process.roles=controller");
    }
    return;
  }
  const bool known = names(options_.listeners, options_.inter_broker_listener);
  if (known || options_.listeners.empty() || !parsed_.problems.empty()) return;
  problem("inter.broker.listener.name is " + options_.inter_broker_listener +
          ", which listeners does not name. The valid options based on currently configured "
          "listeners are " +
          names_of(options_.listeners));
}

void OptionsReader::check_listeners_of_roles() {
  if (!parsed_.problems.empty()) return;
  const auto& o = options_;
  if (o.is_broker && o.listeners.empty()) {
    problem(controller_names_.empty()
                ? "listeners names no listener for clients, such as PLAINTEXT://localhost:9092"
                : "There must be at least one broker advertised listener. Perhaps all listeners "
                  "appear in controller.listener.names?");
  }
  if (!o.is_broker && !o.listeners.empty()) {
    problem(
        "The listeners config must only contain KRaft controller listeners from "
        "controller.listener.names when process.roles=controller");
  }
  if (o.is_controller) {
    for (const auto& name : controller_names_) {
      if (names(o.controller_listeners, name)) continue;
      problem(
          "controller.listener.names must only contain values appearing in the 'listeners' "
          "configuration when running the KRaft controller role");
    }
  } else if (controller_names_.empty()) {
    problem(
        "controller.listener.names must contain at least one value when running KRaft with just "
        "the broker role");
  } else if (!o.controller_listeners.empty()) {
    problem(
        "controller.listener.names must not contain a value appearing in the 'listeners' "
        "configuration when running KRaft with just the broker role");
  }
}

}  // namespace trialog::node
