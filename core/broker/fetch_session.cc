#include "core/broker/fetch_session.h"

#include "core/base/check.h"

namespace trialog::broker {
namespace {

constexpr Duration idle_before_eviction = seconds(120);

}  // namespace

std::vector<FetchWish> FetchSession::wishes() const {
  std::vector<FetchWish> list;
  list.reserve(order_.size());
  for (const auto& cached : order_) list.push_back(cached.wish);
  return list;
}

void FetchSession::update(std::vector<FetchWish> wishes, const std::vector<FetchKey>& forgotten) {
  for (auto& wish : wishes) {
    const auto found = partitions_.find(wish.key);
    if (found != partitions_.end()) {
      found->second->wish = std::move(wish);
      continue;
    }
    const auto at = order_.insert(order_.end(), Cached{std::move(wish)});
    partitions_.emplace(at->wish.key, at);
  }
  for (const auto& key : forgotten) {
    const auto found = partitions_.find(key);
    if (found == partitions_.end()) continue;
    order_.erase(found->second);
    partitions_.erase(found);
  }
  CHECK(order_.size() == partitions_.size());
}

void FetchSession::begin_next_epoch() { epoch_ = epoch_ == 2147483647 ? 1 : epoch_ + 1; }

bool FetchSession::must_tell(const FetchKey& key, const FetchOutcome& outcome) {
  const auto found = partitions_.find(key);
  if (found == partitions_.end()) return true;  // Forgotten by a request that overtook this answer.
  auto& cached = *found->second;
  bool tell = outcome.bytes > 0 || outcome.redirected || outcome.error != ErrorCode::none;
  tell |= cached.high_watermark != outcome.high_watermark || cached.log_start != outcome.log_start;
  // After an error the next good answer is told, whatever it says.
  cached.high_watermark = outcome.error == ErrorCode::none ? outcome.high_watermark : Offset(-1);
  cached.log_start = outcome.log_start;
  if (outcome.bytes > 0) order_.splice(order_.end(), order_, found->second);
  return tell;
}

std::expected<FetchContext, ErrorCode> FetchSessions::begin(Instant now, Request request) {
  FetchContext context;
  if (request.epoch == 0 || request.epoch == -1) {
    if (request.session_id != 0) erase(request.session_id);
    context.kind = request.epoch == 0 ? FetchContext::Kind::full : FetchContext::Kind::sessionless;
    context.wishes = std::move(request.wishes);
    return context;
  }
  const auto found = sessions_.find(request.session_id);
  if (found == sessions_.end()) return std::unexpected(ErrorCode::fetch_session_id_not_found);
  auto& session = *found->second.session;
  if (session.epoch() != request.epoch) {
    return std::unexpected(ErrorCode::invalid_fetch_session_epoch);
  }
  if (session.uses_topic_ids() != request.uses_topic_ids) {
    return std::unexpected(ErrorCode::fetch_session_topic_id_error);
  }
  session.update(std::move(request.wishes), request.forgotten);
  if (session.size() == 0) {
    erase(request.session_id);
    return context;
  }
  session.begin_next_epoch();
  touch(found->second, now);
  context.kind = FetchContext::Kind::incremental;
  context.wishes = session.wishes();
  context.session = found->second.session;
  return context;
}

std::int32_t FetchSessions::remember(Instant now, bool uses_topic_ids,
                                     std::vector<FetchWish> wishes,
                                     const std::vector<FetchOutcome>& outcomes) {
  CHECK(wishes.size() == outcomes.size());
  if (!make_room(now, wishes.size())) return 0;
  const auto id = fresh_id();
  auto& slot = sessions_[id];
  slot.session = std::make_shared<FetchSession>(id, uses_topic_ids, now);
  std::vector<FetchKey> keys;
  for (const auto& wish : wishes) keys.push_back(wish.key);
  slot.session->update(std::move(wishes), {});
  for (std::size_t i = 0; i < keys.size(); ++i) slot.session->must_tell(keys[i], outcomes[i]);
  slot.used = now;
  slot.ranked_size = slot.session->size();
  by_use_.emplace(now, id);
  by_size_.emplace(slot.ranked_size, id);
  return id;
}

void FetchSessions::touch(Slot& slot, Instant now) {
  const auto id = slot.session->id();
  by_use_.erase({slot.used, id});
  by_size_.erase({slot.ranked_size, id});
  slot.used = now;
  slot.ranked_size = slot.session->size();
  by_use_.emplace(slot.used, id);
  by_size_.emplace(slot.ranked_size, id);
}

void FetchSessions::erase(std::int32_t id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  by_use_.erase({found->second.used, id});
  by_size_.erase({found->second.ranked_size, id});
  sessions_.erase(found);
  CHECK(by_use_.size() == sessions_.size());
  CHECK(by_size_.size() == sessions_.size());
}

bool FetchSessions::make_room(Instant now, std::size_t wanted_size) {
  if (sessions_.size() < slots_) return true;
  if (sessions_.empty()) return false;
  const auto oldest = *by_use_.begin();
  if (now - oldest.first > idle_before_eviction) return erase(oldest.second), true;
  for (const auto& [size, id] : by_size_) {
    if (size >= wanted_size) break;
    if (now - sessions_.at(id).session->created() <= idle_before_eviction) continue;
    erase(id);
    return true;
  }
  return false;
}

std::int32_t FetchSessions::fresh_id() {
  while (true) {
    const auto id = static_cast<std::int32_t>(random_.between(1, 2147483647));
    if (!sessions_.contains(id)) return id;
  }
}

}  // namespace trialog::broker
