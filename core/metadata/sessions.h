#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "core/base/time.h"
#include "core/metadata/image.h"

namespace trialog::metadata {

/// When this controller last heard from which broker. Known to it alone and forgotten with it: the
/// next one gives every broker a fresh session.
class BrokerSessions {
 public:
  explicit BrokerSessions(Duration timeout) : timeout_(timeout) {}

  /// The broker is silent from now on, until it is heard. Whether it was ever there, we don't know.
  void expect(NodeId broker, Instant now);
  /// It is there, and has applied the metadata log up to and with `metadata_offset`.
  void heard(NodeId broker, Instant now, std::int64_t metadata_offset);
  void forget(NodeId broker) { sessions_.erase(broker); }

  /// It was heard by us within the session timeout.
  bool is_live(NodeId broker, Instant now) const;
  /// What is known of it is lost by the others once they have applied this much.
  std::int64_t metadata_offset(NodeId broker) const;

  /// The one of the brokers that are not fenced that is silent for the longest, and until when it
  /// may be.
  struct Silent {
    NodeId broker;
    Instant until = never;
  };
  std::optional<Silent> most_silent(const Image& image) const;

  /// A broker that goes waits until the others know it: they must have applied the log as far as
  /// it went when this was set. The first setting counts until the broker is forgotten or expected.
  void set_shutdown_offset(NodeId broker, std::int64_t offset);
  std::optional<std::int64_t> shutdown_offset(NodeId broker) const;

 private:
  struct Session {
    Instant contact;
    bool heard = false;
    std::int64_t metadata_offset = -1;
    std::optional<std::int64_t> shutdown_offset;
  };
  Duration timeout_;
  std::map<NodeId, Session> sessions_;
};

}  // namespace trialog::metadata
