#include "sim/fabric.h"

#include <algorithm>

#include "core/base/check.h"

namespace trialog::sim {

Host& Fabric::add_host(std::string name, NodeIndex node) {
  CHECK(find(name) == nullptr);
  Host& host = hosts_[name];
  host.name = std::move(name);
  host.node = node;
  return host;
}

Host* Fabric::find(std::string_view name) {
  const auto found = hosts_.find(name);
  return found == hosts_.end() ? nullptr : &found->second;
}

Fabric::Link& Fabric::at(const Host& from, const Host& to) {
  return links_.try_emplace({from.node, to.node}, Link{default_link_, beginning}).first->second;
}

LinkSettings& Fabric::link(std::string_view from, std::string_view to) {
  const Host* source = find(from);
  const Host* target = find(to);
  CHECK(source != nullptr);
  CHECK(target != nullptr);
  return at(*source, *target).settings;
}

template <class Visit>
void Fabric::each_link(std::string_view from, std::string_view to, Visit visit) {
  for (auto& [source_name, source] : hosts_) {
    if (from != "*" && from != source_name) continue;
    for (auto& [target_name, target] : hosts_) {
      if (to != "*" && to != target_name) continue;
      if (&source != &target) visit(at(source, target), source, target);
    }
  }
}

void Fabric::cut(std::string_view from, std::string_view to) {
  each_link(from, to, [&](Link& link, const Host& source, const Host& target) {
    if (!link.settings.cut) world_.record(source.node, "net.cut", target.node, target.name);
    link.settings.cut = true;
  });
}

void Fabric::heal(std::string_view from, std::string_view to) {
  each_link(from, to, [&](Link& link, const Host& source, const Host& target) {
    if (link.settings.cut) world_.record(source.node, "net.heal", target.node, target.name);
    link.settings.cut = false;
  });
  rearm();
}

void Fabric::calm() {
  for (auto& [ends, link] : links_) link.settings = default_link_;
  rules_.clear();
  for (auto& [id, channel] : channels_) {
    for (const Side side : {Side::connector, Side::listener}) channel->delay(side, Duration(0));
  }
  rearm();
}

void Fabric::set_power(Host& host, bool powered) {
  host.powered = powered;
  if (powered) rearm();
}

void Fabric::rearm() {
  for (auto& [id, channel] : channels_) channel->rearm();
}

std::vector<Fabric::Seen> Fabric::connections() const {
  std::vector<Seen> seen;
  for (const auto& [id, channel] : channels_) {
    seen.push_back({id, channel->host(Side::connector).name, channel->host(Side::listener).name,
                    channel->port()});
  }
  return seen;
}

void Fabric::reset(std::uint64_t connection) {
  const auto found = channels_.find(connection);
  if (found != channels_.end()) found->second->reset();
}

void Fabric::break_half(std::uint64_t connection, Side who_learns) {
  const auto found = channels_.find(connection);
  if (found != channels_.end()) found->second->break_end(who_learns);
}

void Fabric::delay(std::uint64_t connection, Side towards, Duration by) {
  const auto found = channels_.find(connection);
  if (found != channels_.end()) found->second->delay(towards, by);
}

Fabric::RuleId Fabric::add_rule(Rule rule) {
  rules_.emplace(++last_rule_, std::move(rule));
  return last_rule_;
}

Verdict Fabric::judge(const Delivery& delivery) const {
  for (const auto& [id, rule] : rules_) {
    auto verdict = rule(delivery);
    if (!std::holds_alternative<Pass>(verdict)) return verdict;
  }
  return Pass{};
}

std::shared_ptr<Channel> Fabric::open(Host& from, Host& to, std::uint16_t port) {
  const auto id = ++last_channel_;
  const auto window = std::size_t{1} << (14 + random_.below(5));  // 16 to 256 KiB.
  auto channel = std::make_shared<Channel>(*this, id, from, to, port, pick_port(from), window);
  channels_.emplace(id, channel);
  return channel;
}

std::uint16_t Fabric::pick_port(Host& host) {
  for (;;) {
    const auto port = host.next_port;
    host.next_port = port == 60999 ? 32768 : static_cast<std::uint16_t>(port + 1);
    if (!host.listeners.contains(port)) return port;
  }
}

void Fabric::forget(Channel& channel) { channels_.erase(channel.id()); }

bool Fabric::passable(const Host& from, const Host& to) {
  return to.powered && (&from == &to || !at(from, to).settings.cut);
}

Moment Fabric::arrival(const Host& from, const Host& to, std::size_t bytes) {
  if (&from == &to) return world_.now() + microseconds(10);
  Link& link = at(from, to);
  Moment sent = world_.now();
  if (link.settings.bytes_per_second > 0) {
    const auto cost =
        static_cast<unsigned __int128>(bytes) * 1'000'000'000u / link.settings.bytes_per_second;
    sent = std::max(sent, link.free_at) + Duration(static_cast<std::int64_t>(cost));
    link.free_at = sent;
  }
  const auto jitter = random_.below(static_cast<std::uint64_t>(link.settings.jitter.count()) + 1);
  return sent + link.settings.latency + Duration(static_cast<std::int64_t>(jitter));
}

}  // namespace trialog::sim
