#pragma once

#include <cstdint>
#include <expected>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/base/error_code.h"
#include "core/base/ids.h"
#include "core/base/random.h"
#include "core/base/time.h"
#include "core/base/uuid.h"

namespace trialog::broker {

/// A partition as a fetch names it: by topic id since version 13 (then the name is empty), by name
/// before (then the id is zero).
struct FetchKey {
  std::string topic;
  Uuid topic_id;
  std::int32_t partition = 0;
  friend auto operator<=>(const FetchKey&, const FetchKey&) = default;
};

/// What a client wants of one partition.
struct FetchWish {
  FetchKey key;
  Offset offset;
  std::int32_t max_bytes = 0;
  Epoch current_leader_epoch = no_epoch;
  Epoch last_fetched_epoch = no_epoch;
  Offset log_start{-1};  // Of a follower's log.
};

/// What an answer says of one partition, as far as a session cares.
struct FetchOutcome {
  ErrorCode error = ErrorCode::none;
  Offset high_watermark{-1};
  Offset log_start{-1};
  std::size_t bytes = 0;
  /// A diverging epoch, or another replica to read from.
  bool redirected = false;
};

/// The partitions a client fetches again and again, so that it need not name them each time
/// (KIP-227), in the order in which they are to be served: whoever got records goes to the end.
class FetchSession {
 public:
  FetchSession(std::int32_t id, bool uses_topic_ids, Instant now, std::int32_t epoch = 1)
      : id_(id), epoch_(epoch), uses_topic_ids_(uses_topic_ids), created_(now) {}

  std::int32_t id() const { return id_; }
  std::int32_t epoch() const { return epoch_; }
  bool uses_topic_ids() const { return uses_topic_ids_; }
  Instant created() const { return created_; }
  std::size_t size() const { return partitions_.size(); }
  std::vector<FetchWish> wishes() const;

  void update(std::vector<FetchWish> wishes, const std::vector<FetchKey>& forgotten);
  void begin_next_epoch();
  /// Whether an incremental answer must mention the partition: it has records, an error or a
  /// diverging epoch, or its high watermark or log start is not what was said last. Notes what is
  /// said now.
  bool must_tell(const FetchKey& key, const FetchOutcome& outcome);

 private:
  struct Cached {
    FetchWish wish;
    Offset high_watermark{-1};
    Offset log_start{-1};
  };

  std::int32_t id_;
  std::int32_t epoch_;
  bool uses_topic_ids_;
  Instant created_;
  std::list<Cached> order_;
  std::map<FetchKey, std::list<Cached>::iterator> partitions_;
};

/// How a fetch is to be answered.
struct FetchContext {
  enum class Kind { sessionless, full, incremental };
  Kind kind = Kind::sessionless;
  std::vector<FetchWish> wishes;
  /// Only if incremental. Lives on while it is answered, even if it is evicted meanwhile.
  std::shared_ptr<FetchSession> session;
};

/// The fetch sessions of a broker: at most `slots`. When all are taken, a new one may push out one
/// that was not used for 120 s, or a smaller one that is older than 120 s (KIP-227).
class FetchSessions {
 public:
  FetchSessions(std::size_t slots, Random random) : slots_(slots), random_(random) {}

  struct Request {
    std::int32_t session_id = 0;
    std::int32_t epoch = -1;
    bool uses_topic_ids = false;
    std::vector<FetchWish> wishes;
    std::vector<FetchKey> forgotten;
  };

  /// Ends, continues or bypasses a session as id and epoch ask for. Errors:
  /// fetch_session_id_not_found, invalid_fetch_session_epoch, fetch_session_topic_id_error.
  std::expected<FetchContext, ErrorCode> begin(Instant now, Request request);
  /// For the answer to a full request: a new session that remembers `wishes` and what was said of
  /// each, or id 0 if there is no room.
  std::int32_t remember(Instant now, bool uses_topic_ids, std::vector<FetchWish> wishes,
                        const std::vector<FetchOutcome>& outcomes);
  std::size_t size() const { return sessions_.size(); }

 private:
  using Rank = std::pair<std::size_t, std::int32_t>;  // Partitions, then id.
  struct Slot {
    std::shared_ptr<FetchSession> session;
    Instant used;
    std::size_t ranked_size = 0;
  };

  void touch(Slot& slot, Instant now);
  void erase(std::int32_t id);
  bool make_room(Instant now, std::size_t wanted_size);
  std::int32_t fresh_id();

  std::size_t slots_;
  Random random_;
  std::map<std::int32_t, Slot> sessions_;
  std::set<std::pair<Instant, std::int32_t>> by_use_;
  std::set<Rank> by_size_;
};

}  // namespace trialog::broker
