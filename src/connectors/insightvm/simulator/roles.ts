import type { AuthenticationSource, StoredRole } from './model.ts';

/** The 35 privileges of the OpenAPI document (rapid7/vm-console-client-python), in its order. */
export const PRIVILEGES: readonly string[] = [
  'all-permissions', 'create-reports', 'configure-global-settings', 'manage-sites', 'manage-tags',
  'manage-static-asset-groups', 'manage-dynamic-asset-groups', 'manage-scan-templates', 'manage-report-templates',
  'manage-scan-engines', 'submit-vulnerability-exceptions', 'approve-vulnerability-exceptions',
  'delete-vulnerability-exceptions', 'manage-vuln-investigations', 'view-vuln-investigations', 'create-tickets',
  'close-tickets', 'assign-ticket-assignee', 'manage-site-access', 'manage-asset-group-access', 'manage-report-access',
  'use-restricted-report-sections', 'manage-policies', 'view-asset-group-asset-data', 'manage-asset-group-assets',
  'view-site-asset-data', 'specify-site-metadata', 'purge-site-asset-data', 'specify-scan-targets',
  'assign-scan-engine', 'assign-scan-template', 'manage-site-credentials', 'manage-scan-alerts',
  'schedule-automatic-scans', 'start-unscheduled-scans',
]; // prettier-ignore

/** One more, that a console of 6.6.210 had (recordings of JupiterOne/graph-rapid7). */
export const UNDOCUMENTED_PRIVILEGE = 'manage-advpolicies';

export const GLOBAL_ADMINISTRATOR = 'global-admin';

/**
 * The roles of Northwind's console: those every console has (ids as rapid7/nexpose-client names them, the privileges of
 * Site Owner as JupiterOne recorded them, those of the others chosen here), and three of its own.
 */
export const FIRST_ROLES: readonly StoredRole[] = [
  builtIn(GLOBAL_ADMINISTRATOR, 'Global Administrator', 'Full control of the console.', PRIVILEGES),
  builtIn('security-manager', 'Security Manager', 'Runs scans and reports on assigned sites.', [
    'assign-ticket-assignee', 'close-tickets', 'create-reports', 'create-tickets', 'manage-report-templates',
    'manage-scan-alerts', 'manage-site-credentials', 'manage-vuln-investigations', 'schedule-automatic-scans',
    'specify-scan-targets', 'specify-site-metadata', 'start-unscheduled-scans', 'submit-vulnerability-exceptions',
    'view-asset-group-asset-data', 'view-site-asset-data', 'view-vuln-investigations',
  ]), // prettier-ignore
  builtIn('site-admin', 'Site Owner', 'Manages assigned sites.', [
    'assign-scan-template', 'assign-ticket-assignee', 'close-tickets', 'create-reports', 'create-tickets',
    'manage-report-templates', 'manage-scan-alerts', 'manage-site-credentials', 'manage-vuln-investigations',
    'schedule-automatic-scans', 'specify-site-metadata', 'start-unscheduled-scans', 'view-site-asset-data',
    'view-vuln-investigations',
  ]), // prettier-ignore
  builtIn('system-admin', 'Asset Owner', 'Looks after assigned assets.', [
    'close-tickets', 'create-reports', 'create-tickets', 'start-unscheduled-scans', 'view-asset-group-asset-data',
    'view-site-asset-data',
  ]), // prettier-ignore
  builtIn('user', 'User', 'Reads the data of assigned sites and asset groups.', [
    'create-reports', 'view-asset-group-asset-data', 'view-site-asset-data',
  ]), // prettier-ignore
  builtIn('controls-insight-only', 'ControlsInsight User', 'Only ControlsInsight, which is no more.', null),
  custom('company-reviewer', 'Company Reviewer', 'Tags and reviews the whole company: sees every site.', [
    'create-reports', 'manage-tags', 'view-site-asset-data', 'view-vuln-investigations',
  ]), // prettier-ignore
  custom('access-manager', 'Access Manager', 'Gives access to what it sees itself.', [
    'manage-asset-group-access', 'manage-site-access', 'view-asset-group-asset-data', 'view-site-asset-data',
  ]), // prettier-ignore
  custom('auditor', 'Auditor', 'Kept for the yearly audit; nothing granted yet.', null),
];

/** The sources of Northwind's console: the two built-in ones with their fixed ids, the directory and the SSO. */
export const SOURCES: readonly AuthenticationSource[] = [
  { id: 1, name: 'Builtin Administrators', type: 'admin', external: false },
  { id: 2, name: 'Builtin Users', type: 'normal', external: false },
  { id: 3, name: 'corp-ad', type: 'ldap', external: true },
  { id: 4, name: 'Northwind SSO', type: 'saml', external: true },
];

/** Whether the flag has to be set with this role, as rapid7/insightconnect-plugins puts it right before it sends. */
export function forcesAllSites({ privileges }: StoredRole): boolean {
  return ['all-permissions', 'manage-sites', 'manage-tags'].some((name) => privileges?.includes(name));
}

/** Likewise for asset groups. */
export function forcesAllAssetGroups({ privileges }: StoredRole): boolean {
  return ['all-permissions', 'manage-dynamic-asset-groups'].some((name) => privileges?.includes(name));
}

function builtIn(id: string, name: string, description: string, privileges: readonly string[] | null): StoredRole {
  return { ...custom(id, name, description, privileges), isBuiltIn: true };
}

function custom(id: string, name: string, description: string, privileges: readonly string[] | null): StoredRole {
  return { id, name, description, privileges: privileges && [...privileges], isBuiltIn: false };
}
