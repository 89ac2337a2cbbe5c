#include <algorithm>

#include "core/base/uuid.h"
#include "core/node/options_reader.h"

namespace trialog::node {

namespace {

/// FNV-1a, to be the same everywhere and for ever.
std::uint64_t fnv(std::string_view text, std::uint64_t hash) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

std::string ids_of(const std::vector<QuorumVoter>& voters) {
  std::string text;
  for (const auto& voter : voters) {
    text += (text.empty() ? "" : ", ") + std::to_string(voter.id.value);
  }
  return "[" + text + "]";
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = metadata::integer_value(text.substr(colon + 1));
  std::string host(text.substr(0, colon));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (!port || *port < 0 || *port > 65535 || host.empty()) return std::nullopt;
  return Endpoint(host, static_cast<std::uint16_t>(*port));
}

void OptionsReader::read_voters() {
  for (const auto& entry : list("controller.quorum.voters")) read_voter(entry);
  const auto by_id = [](const QuorumVoter& a, const QuorumVoter& b) { return a.id < b.id; };
  std::ranges::sort(options_.quorum_voters, by_id);
}

void OptionsReader::read_voter(const std::string& entry) {
  const std::string form = "Each entry should be in the form `{id}@{host}:{port}`.";
  const auto at = entry.find('@');
  if (at == std::string::npos || entry.find('@', at + 1) != std::string::npos) {
    return problem("Invalid configuration value for controller.quorum.voters. " + form);
  }
  const auto id = metadata::integer_value(entry.substr(0, at));
  if (!id || *id < 0 || *id > 2147483647) {
    return problem("Failed to parse voter ID as an integer from " + entry.substr(0, at));
  }
  auto endpoint = parse_endpoint(entry.substr(at + 1));
  if (!endpoint || endpoint->port() == 0) {
    return problem("Failed to parse host and port from entry " + entry +
                   " for the configuration controller.quorum.voters. " + form);
  }
  if (endpoint->host() == "0.0.0.0" || endpoint->host() == "::") {
    return problem("Host string (" + endpoint->host() +
                   ") is not routeable in controller.quorum.voters");
  }
  const NodeId voter(static_cast<std::int32_t>(*id));
  for (const auto& other : options_.quorum_voters) {
    if (other.id != voter && other.at != *endpoint) continue;
    return problem("controller.quorum.voters names " +
                   (other.id == voter ? "node " + std::to_string(*id) : endpoint->text()) +
                   " twice");
  }
  options_.quorum_voters.push_back(QuorumVoter{voter, std::move(*endpoint)});
}

void OptionsReader::read_bootstrap() {
  for (const auto& entry : list("controller.quorum.bootstrap.servers")) {
    auto endpoint = parse_endpoint(entry);
    if (endpoint && endpoint->port() != 0) {
      options_.quorum_bootstrap.push_back(std::move(*endpoint));
    } else {
      problem("Failed to parse host and port from " + entry +
              " for the configuration controller.quorum.bootstrap.servers. Each entry should be "
              "in the form \"{host}:{port}\"");
    }
  }
}

/// Who votes must be plain. A node that is both and names nobody else is its own quorum, which is
/// more than Kafka allows: it needs no listener for controllers then.
void OptionsReader::check_quorum() {
  if (!parsed_.problems.empty()) return;
  const auto& o = options_;
  const bool listed = std::ranges::count(o.quorum_voters, o.id, &QuorumVoter::id) > 0;
  const auto shown = std::to_string(o.id.value);
  if (!o.quorum_voters.empty() && o.is_controller && !listed) {
    problem("If process.roles contains the 'controller' role, the node id " + shown +
            " must be included in the set of voters controller.quorum.voters=" +
            ids_of(o.quorum_voters));
  }
  if (!o.is_controller && listed) {
    problem("If process.roles contains just the 'broker' role, the node id " + shown +
            " must not be included in the set of voters controller.quorum.voters=" +
            ids_of(o.quorum_voters));
  }
  const bool nobody_named = o.quorum_voters.empty() && o.quorum_bootstrap.empty();
  if (nobody_named && !(o.is_broker && o.is_controller)) {
    problem(
        "If using process.roles, either controller.quorum.bootstrap.servers must contain the set "
        "of bootstrap controllers or controller.quorum.voters must contain a parseable set of "
        "controllers.");
  }
  if (o.is_controller && o.controller_listeners.empty() && !o.stands_alone()) {
    problem(
        "controller.listener.names must contain at least one value appearing in the 'listeners' "
        "configuration when running the KRaft controller role");
  }
}

bool Options::stands_alone() const {
  if (!is_controller) return false;
  if (!quorum_voters.empty()) return quorum_voters.size() == 1 && quorum_voters[0].id == id;
  if (quorum_bootstrap.empty()) return true;
  if (quorum_bootstrap.size() > 1) return false;
  if (controller_listeners.empty()) return is_broker;
  const auto& at = quorum_bootstrap.front();
  const auto is_there = [&](const Listener& listener) { return listener.at.port() == at.port(); };
  return std::ranges::any_of(controller_listeners, is_there) ||
         std::ranges::any_of(controller_advertised, is_there);
}

std::optional<std::string> Options::cluster_id_of_voters() const {
  if (quorum_voters.size() < 2) return std::nullopt;
  std::string text;
  for (const auto& voter : quorum_voters) {
    text += std::to_string(voter.id.value) + "@" + voter.at.text() + ",";
  }
  std::uint64_t half = fnv(text, 0xcbf29ce484222325u);
  Uuid derived;
  for (std::size_t i = 0; i < derived.bytes.size(); ++i) {
    if (i == 8) half = fnv(text, half);
    derived.bytes[i] = static_cast<std::byte>(half >> (i % 8 * 8) & 0xff);
  }
  derived.bytes[0] &= std::byte{0x7f};  // Its text then does not begin with '-'.
  return derived.text();
}

}  // namespace trialog::node
