#include "core/metadata/sessions.h"

namespace trialog::metadata {

void BrokerSessions::expect(NodeId broker, Instant now) {
  sessions_[broker] = Session{now, false, -1, std::nullopt};
}

void BrokerSessions::heard(NodeId broker, Instant now, std::int64_t metadata_offset) {
  auto& session = sessions_[broker];
  session.contact = now;
  session.heard = true;
  session.metadata_offset = metadata_offset;
}

bool BrokerSessions::is_live(NodeId broker, Instant now) const {
  const auto found = sessions_.find(broker);
  return found != sessions_.end() && found->second.heard && now - found->second.contact < timeout_;
}

std::int64_t BrokerSessions::metadata_offset(NodeId broker) const {
  const auto found = sessions_.find(broker);
  return found == sessions_.end() ? -1 : found->second.metadata_offset;
}

std::optional<BrokerSessions::Silent> BrokerSessions::most_silent(const Image& image) const {
  std::optional<Silent> most;
  for (const auto& [id, broker] : image.brokers()) {
    if (broker.fenced) continue;
    const auto found = sessions_.find(id);
    // A broker without a session was never heard at all.
    const auto until = found == sessions_.end() ? Instant() : found->second.contact + timeout_;
    if (!most || until < most->until) most = Silent{id, until};
  }
  return most;
}

void BrokerSessions::set_shutdown_offset(NodeId broker, std::int64_t offset) {
  auto& known = sessions_[broker].shutdown_offset;
  if (!known) known = offset;
}

std::optional<std::int64_t> BrokerSessions::shutdown_offset(NodeId broker) const {
  const auto found = sessions_.find(broker);
  return found == sessions_.end() ? std::nullopt : found->second.shutdown_offset;
}

}  // namespace trialog::metadata
