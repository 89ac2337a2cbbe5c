#include "core/replication/fetcher.h"

#include <algorithm>

#include "core/client/backoff.h"

namespace trialog::replication {
namespace {

constexpr Duration first_backoff = milliseconds(10);
constexpr Duration connect_timeout = seconds(10);

bool session_is_over(ErrorCode error) {
  return error == ErrorCode::fetch_session_id_not_found ||
         error == ErrorCode::invalid_fetch_session_epoch ||
         error == ErrorCode::fetch_session_topic_id_error;
}

bool same(const protocol::FetchRequest::FetchPartition& a,
          const protocol::FetchRequest::FetchPartition& b) {
  return a.fetch_offset == b.fetch_offset && a.current_leader_epoch == b.current_leader_epoch &&
         a.last_fetched_epoch == b.last_fetched_epoch && a.log_start_offset == b.log_start_offset;
}

}  // namespace

Fetcher::Fetcher(Env& env, client::ConnectionPool& pool, const FetcherOptions& options,
                 Throttle& throttle, NodeId self, NodeId leader)
    : env_(env),
      pool_(pool),
      options_(options),
      throttle_(throttle),
      self_(self),
      leader_(leader),
      random_(env.random.fork("fetcher").fork(static_cast<std::uint64_t>(leader.value))),
      changed_(env.executor),
      tasks_(env.executor) {
  tasks_.spawn("fetcher", run());
}

void Fetcher::follow(std::shared_ptr<Replica> replica) {
  const Key key(replica->topic_id, replica->partition.partition);
  auto& followed = followed_[key];
  followed.replica = std::move(replica);
  followed.failures = 0;
  followed.not_before = Instant();
  touched_.insert(key);
  forgotten_.erase(key);
  changed_.raise();
}

void Fetcher::leave(const Key& key) {
  const auto found = followed_.find(key);
  if (found == followed_.end()) return;
  if (found->second.in_session) forgotten_.insert(key);
  followed_.erase(found);
  touched_.erase(key);
}

Task<void> Fetcher::run() {
  while (true) {
    co_await prepare();
    const auto next = next_try();
    if (next > env_.clock.now()) {
      auto news = within(env_.executor, env_.clock, next, raised(changed_));
      co_await news;
      continue;
    }
    auto response = co_await ask(request());
    bool good = response.has_value();
    if (good) good = co_await take(std::move(*response));
    if (good) {
      failures_ = 0;
      continue;
    }
    forget_session();
    if (++failures_ == 0) continue;
    const auto pause = client::backoff(first_backoff, options_.backoff_max, failures_, random_);
    co_await env_.clock.sleep(pause);
  }
}

/// Waits until what the last answer brought is kept, so that the next request may say so.
Task<void> Fetcher::prepare() {
  const auto keys = touched_;
  for (const auto& key : keys) {
    const auto found = followed_.find(key);
    if (found == followed_.end()) continue;
    const auto replica = found->second.replica;
    const bool ready = co_await replica->ready_to_fetch();
    const auto now = followed_.find(key);
    if (!ready && now != followed_.end()) back_off(now->second, "its log has failed");
  }
}

bool Fetcher::may_ask(const Key& key, const Followed& followed) const {
  const auto now = env_.clock.now();
  const auto& replica = *followed.replica;
  if (followed.not_before > now || !replica.usable()) return false;
  if (!replica.follows(replica.leader_epoch) || replica.log->committed_end() < replica.log->end()) {
    return false;
  }
  if (!replica.follower_throttled || !throttle_.exceeded(now)) return true;
  // Who is in sync stays so, whatever the limit.
  const auto* partition = replica.topic->partition(key.second);
  return partition != nullptr && std::ranges::count(partition->isr, self_) > 0;
}

/// When there is something to ask for.
Instant Fetcher::next_try() const {
  Instant next = never;
  for (const auto& [key, followed] : followed_) {
    if (followed.in_session || may_ask(key, followed)) return Instant();
    next = std::min(next, std::max(followed.not_before, throttle_.free_at()));
  }
  // What keeps it from being asked for now, such as a failed log, is not cured by asking again.
  return next == never ? never : std::max(next, env_.clock.now() + first_backoff);
}

Fetcher::Request::FetchPartition Fetcher::wish(const Followed& followed) const {
  const auto& replica = *followed.replica;
  Request::FetchPartition wish;
  wish.partition = replica.partition.partition;
  wish.current_leader_epoch = replica.leader_epoch.value;
  wish.fetch_offset = replica.log->end().value;
  wish.last_fetched_epoch = replica.log->latest_epoch().value;
  wish.log_start_offset = replica.log->start().value;
  wish.partition_max_bytes = options_.max_bytes;
  return wish;
}

Fetcher::Request Fetcher::request() {
  Request request;
  request.replica_state.replica_id = self_.value;
  request.replica_state.replica_epoch = broker_epoch_;
  request.max_wait_ms = static_cast<std::int32_t>(options_.wait_max / milliseconds(1));
  request.min_bytes = options_.min_bytes;
  request.max_bytes = options_.response_max_bytes;
  request.session_id = session_id_;
  request.session_epoch = session_epoch_;
  std::set<Key> later;
  for (const auto& key : touched_) {
    const auto found = followed_.find(key);
    if (found == followed_.end()) continue;
    auto& followed = found->second;
    if (!may_ask(key, followed)) {
      later.insert(key);
      if (std::exchange(followed.in_session, false)) forgotten_.insert(key);
      continue;
    }
    auto wanted = wish(followed);
    followed.asked_in = followed.replica->leader_epoch;
    if (followed.in_session && same(wanted, followed.sent)) continue;
    if (request.topics.empty() || request.topics.back().topic_id != key.first) {
      request.topics.emplace_back().topic_id = key.first;
    }
    request.topics.back().partitions.push_back(wanted);
    followed.sent = std::move(wanted);
    followed.in_session = true;
    forgotten_.erase(key);
  }
  touched_ = std::move(later);
  for (const auto& key : forgotten_) {
    auto& topic = request.forgotten_topics_data.emplace_back();
    topic.topic_id = key.first;
    topic.partitions.push_back(key.second);
  }
  forgotten_.clear();
  return request;
}

Task<Result<Fetcher::Response>> Fetcher::ask(Request request) {
  auto connecting = pool_.link(leader_, env_.clock.now() + connect_timeout);
  auto link = co_await connecting;
  if (!link) co_return failure(link.error());
  auto asking = (*link)->ask<Response>(request, options_.wait_max);
  co_return co_await asking;
}

void Fetcher::forget_session() {
  session_id_ = session_epoch_ = 0;
  forgotten_.clear();
  for (auto& [key, followed] : followed_) {
    followed.in_session = false;
    touched_.insert(key);
  }
}

void Fetcher::back_off(Followed& followed, std::string_view why) {
  if (followed.failures++ == 0) {
    env_.trace.note(Level::debug, "replica.fetch",
                    followed.replica->partition.text() + ": " + std::string(why));
  }
  followed.not_before = env_.clock.now() + client::backoff(first_backoff, options_.backoff_max,
                                                           followed.failures, random_);
  touched_.insert(Key(followed.replica->topic_id, followed.replica->partition.partition));
}

Task<bool> Fetcher::take(Response response) {
  if (response.error_code != ErrorCode::none) {
    // A new session can begin at once; after anything else there is a pause.
    if (session_is_over(response.error_code)) failures_ = -1;
    co_return false;
  }
  session_id_ = response.session_id;
  session_epoch_ = session_id_ == 0 ? 0 : (session_epoch_ == 2147483647 ? 1 : session_epoch_ + 1);
  if (session_id_ == 0) forget_session();
  for (auto& topic : response.responses) {
    for (auto& partition : topic.partitions) {
      auto taken = take(Key(topic.topic_id, partition.partition_index), std::move(partition));
      co_await taken;
    }
  }
  co_return true;
}

}  // namespace trialog::replication
