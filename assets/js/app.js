// The one script of every page. Nothing needs it: each action works without JavaScript.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  ServiceNavigation,
  SkipLink,
  createAll,
} from "govuk-frontend";
import { offerPosition } from "./modules/near.js";

for (const component of [
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  ServiceNavigation,
  SkipLink,
]) {
  createAll(component);
}

// Our own small modules stand in ./modules/, are imported above and started here.
document.querySelectorAll("[data-near]").forEach(offerPosition);
