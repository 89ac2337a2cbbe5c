#pragma once

#include "core/base/transitions.h"

namespace trialog::metadata {

/// What the controller thinks of a registered broker (KIP-631).
enum class BrokerState {
  fenced,               // Neither leads nor is in sync.
  unfenced,             // Takes part.
  controlled_shutdown,  // Leads no more; others must learn of that before it goes.
  shutdown_now,         // May go.
};

inline constexpr Transition<BrokerState> broker_transitions[] = {
    {BrokerState::fenced, BrokerState::unfenced, "it has read its own registration"},
    {BrokerState::fenced, BrokerState::shutdown_now, "it wants to go"},
    {BrokerState::unfenced, BrokerState::fenced, "it asks for it, or is silent for too long"},
    {BrokerState::unfenced, BrokerState::controlled_shutdown,
     "it wants to go and has to hand over"},
    {BrokerState::unfenced, BrokerState::shutdown_now, "it wants to go and leads nothing"},
    {BrokerState::controlled_shutdown, BrokerState::shutdown_now, "all know that it leads nothing"},
    {BrokerState::controlled_shutdown, BrokerState::fenced, "it is silent for too long"},
};

}  // namespace trialog::metadata
