#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "core/base/topic.h"
#include "core/log/log_directory.h"
#include "core/metadata/image.h"
#include "core/replication/fetcher.h"
#include "core/replication/isr_channel.h"
#include "core/replication/isr_proposals.h"
#include "core/replication/mender.h"
#include "core/replication/replica.h"
#include "core/replication/throttle.h"

namespace trialog::replication {

struct ReplicaOptions {
  NodeId self;
  Duration lag_time_max = seconds(30);  // replica.lag.time.max.ms
  FetcherOptions fetch;
};

/// Keeps this node's replicas as the image says: a log for each partition that it has one of, with
/// the topic's settings, led or following the leader. Topics are known by their ids: a log under
/// the right name with another id, or of no topic at all, is a stray and is set aside, never used
/// and never deleted.
class ReplicaHost {
 public:
  /// The settings of a topic and of the broker, as the logs understand them.
  using LogOptions = std::function<log::Options(const metadata::Settings& topic,
                                                const metadata::Settings& broker)>;

  /// `directories`, of which there is one at least, `peers`, the links to the other brokers, and
  /// `controller`, the way to the controller, outlive it. `file` are the broker's settings as its
  /// file has them. It leads nothing before `registered`.
  ReplicaHost(Env& env, std::vector<log::LogDirectory*> directories, ReplicaOptions options,
              metadata::Settings file, LogOptions log_options, client::ConnectionPool& peers,
              IsrChannel& controller);
  ~ReplicaHost();

  /// Creates the logs of new partitions, each in the directory that the controller chose; removes
  /// those that are no longer ours; sets the options of all; leads and follows as the image says.
  /// Images must come in order, one at a time. An error only if no directory is left: the node must
  /// stop.
  Task<Status> apply(std::shared_ptr<const metadata::Image> image);
  /// The controller has given this start of the broker its epoch. What an earlier start led it must
  /// not go on with: only leader epochs that began later are ours (KAFKA-10527).
  void registered(std::int64_t broker_epoch);
  std::int64_t broker_epoch() const { return broker_epoch_; }

  /// Null if this node has no replica of it in the image applied last.
  std::shared_ptr<Replica> find(std::string_view topic, std::int32_t partition) const;
  std::shared_ptr<Replica> find(const Uuid& topic_id, std::int32_t partition) const;
  /// In order of topic and partition.
  std::vector<std::shared_ptr<Replica>> replicas() const;
  /// The image applied last.
  const std::shared_ptr<const metadata::Image>& image() const { return image_; }

  /// What a broker that asks for records to replicate is, as far as we know.
  void describe(partition::FollowerFetch& fetch) const;
  /// How long its fetches may wait at most: while we have just begun to lead something that it has
  /// a replica of, it shall soon ask again, and for that as well.
  Duration patience(NodeId follower) const;
  /// Raised when somebody's patience has ended.
  Signal& hurried() { return hurried_; }
  /// What followers of throttled replicas may take from us.
  Throttle& leader_throttle() { return leader_throttle_; }

  /// Lets every log drop what its topic's retention allows, again and again until destroyed.
  Task<void> retain(Duration interval);

 private:
  using Key = Fetcher::Key;
  using TopicPtr = std::shared_ptr<const metadata::Topic>;

  /// `before` is what was applied until now, `all`: everything has to be looked at.
  Task<void> apply_topics(const metadata::Image& before, bool all);
  /// First all replicas that are no longer ours retire, then their logs are removed, together: a
  /// sync for many costs little more than one for one.
  Task<void> remove_old_topics(const metadata::Image& before);
  std::vector<Key> gone_since(const metadata::Image& before) const;
  Task<std::shared_ptr<Replica>> retire(Key key);
  /// None are left in `logs`.
  Task<void> remove(log::LogDirectory& directory, std::vector<TopicPartition>& logs);
  Task<void> set_strays_aside(const metadata::Image& image);
  /// A topic and its settings, and what it was; null if all of it has to be looked at.
  struct Change {
    TopicPtr topic;
    TopicPtr before;
    const metadata::Settings& settings;  // Of the image.
  };
  static std::vector<Change> changed_topics(const metadata::Image& image,
                                            const metadata::Image& before, bool all);
  struct Making;
  /// Makes the logs that are not on disk, each in the directory that it was assigned to, else in
  /// the emptiest. Together: a sync for many costs little more than one for one.
  Task<void> make_logs(const std::vector<Change>& changes);
  Task<void> make(Making& making);
  static std::vector<Making>::iterator choose(std::vector<Making>& among, const Uuid& assigned);
  /// Makes the topic's replicas here what the topic and its settings say.
  Task<void> take_over(Change change);
  /// Without a log if there is none on disk.
  std::shared_ptr<Replica> replica_of(const metadata::Topic& topic, std::int32_t index);
  void set_role(const std::shared_ptr<Replica>& replica, const metadata::Partition& partition,
                std::size_t min_isr);
  void set_fetcher(const std::shared_ptr<Replica>& replica);
  bool shows_registration(const metadata::Image& image) const;
  /// Nobody is followed before the image tells of our registration.
  void begin_to_follow();
  bool may_lead(const Replica& replica) const;
  void hurry(const Replica& replica);
  log::LogDirectory* directory_with(const TopicPartition& partition, const Uuid& topic_id) const;
  std::size_t min_isr(const metadata::Settings& topic) const;
  void set_throttles();
  Task<void> check_isrs();
  void note(const Status& done, std::string_view kind, const TopicPartition& partition) const;

  Env& env_;
  std::vector<log::LogDirectory*> directories_;
  ReplicaOptions options_;
  metadata::Settings file_;
  LogOptions log_options_;
  client::ConnectionPool& peers_;
  metadata::Settings broker_;  // What holds for the broker, as of `image_`.
  bool begun_ = false;  // An image has been applied; what is on disk has been looked through.
  std::shared_ptr<const metadata::Image> image_;
  std::shared_ptr<const metadata::Image> applied_;  // To the end.
  std::int64_t broker_epoch_ = -1;
  bool follows_ = false;

  IsrProposals proposals_;
  Throttle leader_throttle_;
  Throttle follower_throttle_;
  std::map<NodeId, Instant> hurried_until_;
  Signal hurried_;
  std::map<Key, std::shared_ptr<Replica>> replicas_;
  /// The leader epochs that partitions had before we were registered.
  std::map<Key, Epoch> old_epochs_;
  std::map<Key, NodeId> following_;
  // Last, so that they go before what they use.
  TaskGroup tasks_;
  ReplicaServices services_;
  std::map<NodeId, std::unique_ptr<Fetcher>> fetchers_;
  Mender mender_;
  TaskGroup mending_;
};

}  // namespace trialog::replication
