#include <algorithm>

#include "core/node/format.h"

namespace trialog::node {

namespace {

using Wrong = std::unexpected<std::string>;

/// The part before the '@'.
std::expected<NodeId, std::string> parse_id(std::string_view text) {
  const auto at = text.find('@');
  if (at == std::string_view::npos) return Wrong("No @ found in dynamic voter string.");
  if (at == 0) return Wrong("Invalid @ at beginning of dynamic voter string.");
  const auto id = metadata::integer_value(text.substr(0, at));
  if (!id || *id > 2147483647) return Wrong("Failed to parse node id in dynamic voter string.");
  if (*id < 0) {
    return Wrong("Invalid negative node id " + std::to_string(*id) + " in dynamic voter string.");
  }
  return NodeId(static_cast<std::int32_t>(*id));
}

/// Takes a host off the front; an IPv6 address is in brackets.
std::expected<std::string, std::string> take_host(std::string_view& rest) {
  if (rest.empty()) return Wrong("No hostname found after node id.");
  const bool bracketed = rest.front() == '[';
  const auto end = rest.find(bracketed ? ']' : ':');
  if (end == std::string_view::npos) {
    return Wrong(bracketed ? "Hostname began with left bracket, but no right bracket was found."
                           : "No colon following hostname could be found.");
  }
  std::string host(rest.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end));
  rest.remove_prefix(bracketed ? end + 1 : end);
  return host;
}

/// "id@host:port:directory".
std::expected<quorum::Voter, std::string> parse_voter(std::string_view text,
                                                      const std::string& listener) {
  const auto id = parse_id(text);
  if (!id) return Wrong(id.error());
  auto rest = text.substr(text.find('@') + 1);
  auto host = take_host(rest);
  if (!host) return Wrong(host.error());
  if (rest.empty() || rest.front() != ':') return Wrong("Port section must start with a colon.");
  rest.remove_prefix(1);
  const auto colon = rest.find(':');
  if (colon == std::string_view::npos) return Wrong("No colon following port could be found.");
  const auto port = metadata::integer_value(rest.substr(0, colon));
  if (!port) return Wrong("Failed to parse port in dynamic voter string.");
  if (*port < 1 || *port > 65535) {
    return Wrong("Invalid port " + std::to_string(*port) + " in dynamic voter string.");
  }
  const auto directory = Uuid::parse(rest.substr(colon + 1));
  if (!directory || directory->is_zero()) {
    return Wrong("Failed to parse directory ID in dynamic voter string.");
  }
  quorum::Voter voter;
  voter.id = *id;
  voter.directory = *directory;
  voter.endpoints.push_back({listener, *host, static_cast<std::uint16_t>(*port)});
  return voter;
}

}  // namespace

std::expected<std::vector<quorum::Voter>, std::string> parse_initial_controllers(
    std::string_view text, const std::string& listener) {
  std::vector<quorum::Voter> voters;
  for (const auto& part : metadata::list_value(text)) {
    auto voter = parse_voter(part, listener);
    if (!voter) return Wrong(voter.error());
    if (std::ranges::count(voters, voter->id, &quorum::Voter::id) > 0) {
      return Wrong("Node id " + std::to_string(voter->id.value) + " was specified more than once.");
    }
    voters.push_back(std::move(*voter));
  }
  if (voters.empty()) return Wrong("No voters given.");
  return voters;
}

}  // namespace trialog::node
