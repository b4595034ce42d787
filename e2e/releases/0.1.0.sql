-- The database of Usher 0.1.0, made by scripts/release-fixture.ts. Invented people; keep it as it is.

set session_replication_role = replica;

-- 0001_access
create table instance (
  key text collate "C" primary key,
  value jsonb not null,
  updated_at timestamptz not null default clock_timestamp()
);

create table principal (
  id text collate "C" primary key,
  name text not null,
  email text,
  email_folded text collate "C",
  kind text not null check (kind in ('person', 'service', 'agent')),
  role text not null check (role in ('viewer', 'operator', 'approver', 'admin', 'agent')),
  disabled_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((kind = 'agent') = (role = 'agent')),
  check (role <> 'approver' or kind = 'person')
);
create unique index principal_email on principal (email_folded) where email_folded is not null;

-- The token itself is shown once and never kept: only its SHA-256.
create table token (
  id text collate "C" primary key,
  principal_id text collate "C" not null references principal (id) on delete cascade,
  name text not null,
  hash bytea not null unique check (octet_length(hash) = 32),
  hint text not null,
  role text not null check (role in ('viewer', 'operator', 'approver', 'admin', 'agent')),
  connections text[] collate "C",
  created_at timestamptz not null,
  created_by text collate "C",
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index token_principal on token (principal_id);

create table connection (
  id text collate "C" primary key,
  connector text collate "C" not null,
  settings jsonb not null,
  capabilities text[] not null default '{}',
  tenant jsonb,
  state text not null default 'active' check (state in ('active', 'paused')),
  paused_reason text,
  schedule_seconds integer check (schedule_seconds > 0),
  next_sync_at timestamptz,
  mapping_version integer not null,
  baselined_at timestamptz,
  last_probe_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((state = 'paused') = (paused_reason is not null))
);
create index connection_due on connection (next_sync_at) where state = 'active' and next_sync_at is not null;

-- Sealed by src/secrets: each value under a data key of its own, that key under the master key, bound to owner and name.
create table secret (
  owner text collate "C" not null,
  name text collate "C" not null,
  sealed text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (owner, name)
);

-- When the next request may start, by connection and functionality: the one budget all processes lease from.
create table rate_budget (
  connection_id text collate "C" not null,
  functionality text collate "C" not null,
  free_at timestamptz not null,
  primary key (connection_id, functionality)
) with (fillfactor = 50);

create table api_drift (
  connection_id text collate "C" not null,
  operation text collate "C" not null,
  path text collate "C" not null,
  problem text collate "C" not null,
  sample text not null,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  occurrences bigint not null,
  primary key (connection_id, operation, path, problem)
);

-- Where the polling of an app's own log goes on: written with the events it covers, in one transaction.
create table connection_cursor (
  connection_id text collate "C" not null,
  name text collate "C" not null,
  cursor jsonb not null,
  updated_at timestamptz not null,
  primary key (connection_id, name)
);

-- 0002_snapshot
create table "account" (
  connection_id text collate "C" not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  
    email text, email_folded text collate "C", username text, display_name text, given_name text, family_name text,
    status text not null, is_locked boolean, is_service boolean, mfa text[], roles text[] not null,
    employee_number text, created_at timestamptz, extra jsonb not null,
  content_hash uuid not null,
  observed_at timestamptz not null,
  seen_from timestamptz not null,
  missing_run uuid,
  missing_since timestamptz,
  primary key (connection_id, key)
);
create table account_history (
  connection_id text collate "C" not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  
    email text, email_folded text collate "C", username text, display_name text, given_name text, family_name text,
    status text not null, is_locked boolean, is_service boolean, mfa text[], roles text[] not null,
    employee_number text, created_at timestamptz, extra jsonb not null,
  content_hash uuid not null,
  observed_at timestamptz not null,
  seen_from timestamptz not null,
  seen_to timestamptz not null,
  was_removed boolean not null,
  run_id uuid not null,
  primary key (connection_id, key, seen_from)
);
create index account_history_seen_to on account_history (connection_id, seen_to);
create table staged_account (
  run_id uuid not null,
  page integer not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  
    email text, email_folded text collate "C", username text, display_name text, given_name text, family_name text,
    status text not null, is_locked boolean, is_service boolean, mfa text[], roles text[] not null,
    employee_number text, created_at timestamptz, extra jsonb not null,
  content_hash uuid not null,
  observed_at timestamptz not null
  , last_login_at timestamptz, volatile_extra jsonb not null, raw json, volatile_hash uuid
);
create table account_volatile (
  connection_id text collate "C" not null,
  key text collate "C" not null,
  last_login_at timestamptz, volatile_extra jsonb not null, raw json,
  volatile_hash uuid not null,
  primary key (connection_id, key)
) with (fillfactor = 85);

create table "group" (
  connection_id text collate "C" not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  
    name text not null, name_folded text collate "C" not null, description text, extra jsonb not null,
  content_hash uuid not null,
  observed_at timestamptz not null,
  seen_from timestamptz not null,
  missing_run uuid,
  missing_since timestamptz,
  primary key (connection_id, key)
);
create table group_history (
  connection_id text collate "C" not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  
    name text not null, name_folded text collate "C" not null, description text, extra jsonb not null,
  content_hash uuid not null,
  observed_at timestamptz not null,
  seen_from timestamptz not null,
  seen_to timestamptz not null,
  was_removed boolean not null,
  run_id uuid not null,
  primary key (connection_id, key, seen_from)
);
create index group_history_seen_to on group_history (connection_id, seen_to);
create table staged_group (
  run_id uuid not null,
  page integer not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  
    name text not null, name_folded text collate "C" not null, description text, extra jsonb not null,
  content_hash uuid not null,
  observed_at timestamptz not null
  
);


create table "role" (
  connection_id text collate "C" not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  
    name text not null, description text, type text not null, extra jsonb not null,
  content_hash uuid not null,
  observed_at timestamptz not null,
  seen_from timestamptz not null,
  missing_run uuid,
  missing_since timestamptz,
  primary key (connection_id, key)
);
create table role_history (
  connection_id text collate "C" not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  
    name text not null, description text, type text not null, extra jsonb not null,
  content_hash uuid not null,
  observed_at timestamptz not null,
  seen_from timestamptz not null,
  seen_to timestamptz not null,
  was_removed boolean not null,
  run_id uuid not null,
  primary key (connection_id, key, seen_from)
);
create index role_history_seen_to on role_history (connection_id, seen_to);
create table staged_role (
  run_id uuid not null,
  page integer not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  
    name text not null, description text, type text not null, extra jsonb not null,
  content_hash uuid not null,
  observed_at timestamptz not null
  
);


create table "resource" (
  connection_id text collate "C" not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  
    type text collate "C" not null, name text not null, name_folded text collate "C" not null, extra jsonb not null,
  content_hash uuid not null,
  observed_at timestamptz not null,
  seen_from timestamptz not null,
  missing_run uuid,
  missing_since timestamptz,
  primary key (connection_id, key)
);
create table resource_history (
  connection_id text collate "C" not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  
    type text collate "C" not null, name text not null, name_folded text collate "C" not null, extra jsonb not null,
  content_hash uuid not null,
  observed_at timestamptz not null,
  seen_from timestamptz not null,
  seen_to timestamptz not null,
  was_removed boolean not null,
  run_id uuid not null,
  primary key (connection_id, key, seen_from)
);
create index resource_history_seen_to on resource_history (connection_id, seen_to);
create table staged_resource (
  run_id uuid not null,
  page integer not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  
    type text collate "C" not null, name text not null, name_folded text collate "C" not null, extra jsonb not null,
  content_hash uuid not null,
  observed_at timestamptz not null
  , volatile_extra jsonb not null, raw json, volatile_hash uuid
);
create table resource_volatile (
  connection_id text collate "C" not null,
  key text collate "C" not null,
  volatile_extra jsonb not null, raw json,
  volatile_hash uuid not null,
  primary key (connection_id, key)
) with (fillfactor = 85);

create table "grant" (
  connection_id text collate "C" not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  
    holder_kind text not null, holder_key text collate "C" not null, target_kind text not null,
    target_key text collate "C" not null, permission text not null, path text not null, extra jsonb not null,
  content_hash uuid not null,
  observed_at timestamptz not null,
  seen_from timestamptz not null,
  missing_run uuid,
  missing_since timestamptz,
  primary key (connection_id, key)
);
create table grant_history (
  connection_id text collate "C" not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  
    holder_kind text not null, holder_key text collate "C" not null, target_kind text not null,
    target_key text collate "C" not null, permission text not null, path text not null, extra jsonb not null,
  content_hash uuid not null,
  observed_at timestamptz not null,
  seen_from timestamptz not null,
  seen_to timestamptz not null,
  was_removed boolean not null,
  run_id uuid not null,
  primary key (connection_id, key, seen_from)
);
create index grant_history_seen_to on grant_history (connection_id, seen_to);
create table staged_grant (
  run_id uuid not null,
  page integer not null,
  key text collate "C" not null,
  collection text not null,
  scope text not null,
  
    holder_kind text not null, holder_key text collate "C" not null, target_kind text not null,
    target_key text collate "C" not null, permission text not null, path text not null, extra jsonb not null,
  content_hash uuid not null,
  observed_at timestamptz not null
  
);


-- Addresses of a running pull are resolved page by page.
create index staged_account_email on staged_account (run_id, email_folded);
create index account_email on account (connection_id, email_folded);
create index account_employee_number on account (employee_number) where employee_number is not null;
create index grant_holder on "grant" (connection_id, holder_key, key);
create index grant_target on "grant" (connection_id, target_key, key);
create index grant_history_holder on grant_history (connection_id, holder_key, seen_from);
create index grant_history_target on grant_history (connection_id, target_key, seen_from);

create table sync_run (
  id uuid primary key,
  connection_id text collate "C" not null,
  state text not null check (state in ('queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled')),
  requested_by text not null,
  is_baseline boolean not null default false,
  is_confirmed boolean not null default false,
  confirmed_by text,
  cancel_requested boolean not null default false,
  attempt integer not null default 0,
  requested_at timestamptz not null,
  started_at timestamptz,
  pulled_at timestamptz,
  finished_at timestamptz,
  mapping_version integer,
  anomalies jsonb not null default '[]',
  changes jsonb,
  error jsonb
);
-- Two syncs of one connection never overlap: a second request finds and joins the first.
create unique index sync_run_one_at_a_time on sync_run (connection_id) where state in ('queued', 'running', 'paused');
create index sync_run_connection on sync_run (connection_id, requested_at desc);

create table sync_collection (
  run_id uuid not null references sync_run (id) on delete cascade,
  collection text not null,
  scope text not null,
  ordinal integer not null,
  state text not null check (state in ('pending', 'pulling', 'complete', 'partial', 'failed')),
  checkpoint jsonb,
  checkpoint_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  pages integer not null default 0,
  records bigint not null default 0,
  -- Records of the kind that `total` counts.
  seen bigint not null default 0,
  staged bigint not null default 0,
  total bigint,
  restarts integer not null default 0,
  reason text,
  primary key (run_id, collection, scope)
);

-- Every key and hash of a page, so that absence and later writes can be told without staging unchanged rows.
create table staged_page (
  run_id uuid not null,
  collection text not null,
  scope text not null,
  kind text not null,
  page integer not null,
  observed_at timestamptz not null,
  keys text[] collate "C" not null,
  hashes uuid[] not null,
  staged integer not null,
  primary key (run_id, collection, scope, kind, page)
);

-- When each collection was last seen whole: how fresh the snapshot is.
create table collection_state (
  connection_id text collate "C" not null,
  collection text not null,
  scope text not null,
  complete_as_of timestamptz,
  run_id uuid,
  last_end text not null,
  last_reason text,
  primary key (connection_id, collection, scope)
);

-- `position` is given after commit by one sequencer: ids commit out of order and readers would miss events.
create table change_event (
  id bigint generated always as identity primary key,
  position bigint unique,
  connection_id text collate "C" not null,
  source text not null,
  type text not null,
  subject_kind text not null,
  subject_key text collate "C" not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  run_id uuid,
  app_event_id text collate "C",
  data jsonb not null
);
create unique index change_event_app on change_event (connection_id, app_event_id) where app_event_id is not null;
create index change_event_unplaced on change_event (id) where position is null;
create index change_event_connection on change_event (connection_id, position);
create index change_event_subject on change_event (connection_id, subject_key, position);
create table feed (only_row boolean primary key default true check (only_row), last_position bigint not null);
insert into feed (last_position) values (0);

create table if not exists schema_migration (id text collate "C" primary key, checksum text not null, applied_at timestamptz not null default clock_timestamp());

delete from "account";

insert into "account" (connection_id, key, collection, scope, email, email_folded, username, display_name, given_name, family_name, status, is_locked, is_service, mfa, roles, employee_number, created_at, extra, content_hash, observed_at, seen_from, missing_run, missing_since) overriding system value values
('lastpass','310000020','directory','','ada.okonkwo@northwind.example','ada.okonkwo@northwind.example','ada.okonkwo@northwind.example','Ada Okonkwo',null,null,'active',null,null,'{hardware_token}','{admin}','10001','2023-09-29 04:02:56+00','{"attribs": {"Department": "IT", "EmployeeNumber": "10001"}, "multifactor": "yubikey"}','c3319a7f-408c-4cdc-770b-e3627aec3f7b','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000034','directory','','viktor.hansen@northwind.example','viktor.hansen@northwind.example','viktor.hansen@northwind.example','Viktor Hansen',null,null,'active',null,null,'{totp}','{admin}','10002','2023-10-09 04:02:56+00','{"attribs": {"Department": "IT", "EmployeeNumber": "10002"}, "multifactor": "googleauth"}','73fcc48d-6a45-4f7a-ff5c-41681bfccdab','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000069','directory','','lena.fischer@northwind.example','lena.fischer@northwind.example','lena.fischer@northwind.example','Lena Fischer',null,null,'active',null,null,'{}','{admin}','10003','2023-10-19 04:02:56+00','{"attribs": {"Department": "Security", "EmployeeNumber": "10003"}}','c5a17d32-67c8-1cd8-8d92-f5c355828728','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000098','directory','','oskar.brandt@northwind.example','oskar.brandt@northwind.example','oskar.brandt@northwind.example','Oskar Brandt',null,null,'active',null,null,'{totp}','{basic}','10005','2023-11-18 04:02:56+00','{"attribs": {"Department": "Finance", "EmployeeNumber": "10005"}, "duousername": "oskar.brandt@northwind.example", "multifactor": "googleauth"}','4e01f0a1-fe75-2403-9fa0-af966f7ff7b3','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000144','directory','','rosa.delgado@northwind.example','rosa.delgado@northwind.example','rosa.delgado@northwind.example','Rosa Delgado (1)',null,null,'active',null,null,'{push}','{basic}','10006','2023-11-28 04:02:56+00','{"attribs": {"Department": "Legal", "EmployeeNumber": "10006"}, "duousername": "rosa.delgado@northwind.example", "multifactor": "lastpassauth"}','31fb5bc8-169a-818f-5c0d-8ac9a3009d6f','2026-11-22 04:03:05.673+00','2026-11-22 04:03:05.673+00',null,null),
('lastpass','310000167','directory','','jonas.lind@northwind.example','jonas.lind@northwind.example','jonas.lind@northwind.example','Jonas Lind',null,null,'active',null,null,'{push}','{basic}','10007','2023-12-03 04:02:56+00','{"attribs": {"Department": "Sales", "EmployeeNumber": "10007"}, "duousername": "jonas.lind@northwind.example", "multifactor": "lastpassauth"}','1a3aa9fd-7826-c112-1b24-da88dcaf0c1d','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000186','directory','','tomas.ruiz@northwind.example','tomas.ruiz@northwind.example','tomas.ruiz@northwind.example','Tomás Ruiz Ibarra',null,null,'active',null,null,'{totp}','{basic}','10008','2023-12-08 04:02:56+00','{"attribs": {"Department": "Support", "EmployeeNumber": "10008"}, "duousername": "tomas.ruiz@northwind.example", "multifactor": "googleauth"}','dde259a3-06e6-2d91-8941-3176e6bbff72','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000233','directory','','danielle@acme-fin.example','danielle@acme-fin.example','danielle@acme-fin.example','Danielle Johnson',null,null,'active',null,null,'{totp}','{basic}','10009','2025-09-28 04:02:56+00','{"attribs": {"Department": "Finance", "EmployeeNumber": "10009"}, "duousername": "danielle@acme-fin.example", "multifactor": "microsoftauth"}','7d3887ae-fb31-7b6f-b689-00ece4847c88','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000262','directory','','chris.lee@northwind.example','chris.lee@northwind.example','chris.lee@northwind.example','Chris Lee',null,null,'active',null,null,'{totp}','{basic}','10010','2024-03-07 04:02:56+00','{"attribs": {"Department": "Sales", "EmployeeNumber": "10010"}, "duousername": "chris.lee@northwind.example", "multifactor": "googleauth"}','01e0f925-63d1-67f0-ffbf-9af31d8219ba','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000305','directory','','chris.lee2@northwind.example','chris.lee2@northwind.example','chris.lee2@northwind.example','Chris Lee',null,null,'active',null,null,'{totp}','{basic}','10011','2025-03-02 04:02:56+00','{"attribs": {"Department": "Engineering", "EmployeeNumber": "10011"}, "duousername": "chris.lee2@northwind.example", "multifactor": "googleauth"}','1a814e26-5589-a586-8ed0-8c4afc95415d','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000340','directory','','joerg.mueller@northwind.example','joerg.mueller@northwind.example','joerg.mueller@northwind.example','Jörg Müller',null,null,'active',null,null,'{push}','{basic}','10012','2024-06-15 04:02:56+00','{"attribs": {"Department": "Operations", "EmployeeNumber": "10012"}, "duousername": "joerg.mueller@northwind.example", "multifactor": "lastpassauth"}','52a1c845-1660-11c4-0d20-db7272f7e70e','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000361','directory','','ibrahim.sesay@northwind.example','ibrahim.sesay@northwind.example','ibrahim.sesay@northwind.example','Ibrahim Sesay',null,null,'active',null,null,'{hardware_token}','{basic}','10013','2024-09-03 04:02:56+00','{"attribs": {"Department": "Engineering", "EmployeeNumber": "10013"}, "duousername": "ibrahim.sesay@northwind.example", "multifactor": "yubikey"}','7c13c604-d71d-d7d5-8734-6de8011c0047','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000378','directory','','yuki.tanaka@northwind.example','yuki.tanaka@northwind.example','yuki.tanaka@northwind.example','Yuki Tanaka',null,null,'active',null,null,'{totp}','{basic}','10014','2025-01-01 04:02:56+00','{"attribs": {"Department": "Support", "EmployeeNumber": "10014"}, "duousername": "yuki.tanaka@northwind.example", "multifactor": "googleauth"}','415efead-663b-561e-069f-f103abed4105','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000416','directory','','noor.bakker@northwind.example','noor.bakker@northwind.example','noor.bakker@northwind.example','Noor Bakker',null,null,'active',null,null,'{totp}','{basic}','10015','2025-05-16 04:02:56+00','{"attribs": {"Department": "Engineering", "EmployeeNumber": "10015"}, "duousername": "noor.bakker@northwind.example", "multifactor": "googleauth"}','c5282cee-8406-0204-ff5b-b7cbeaf8c34f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000437','directory','','mei-ling.chu@northwind.example','mei-ling.chu@northwind.example','mei-ling.chu@northwind.example','Mei-Ling Chu',null,null,'active',null,null,'{totp}','{basic}','10016','2025-11-19 04:02:56+00','{"attribs": {"Department": "Finance", "EmployeeNumber": "10016"}, "duousername": "mei-ling.chu@northwind.example", "multifactor": "googleauth"}','830dd5c4-b7ab-018f-bacc-c6ff80ca739a','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000491','directory','','grace.kim@northwind.example','grace.kim@northwind.example','grace.kim@northwind.example','Grace Kim',null,null,'pending',null,null,'{}','{basic}','10017','2026-09-23 04:02:56+00','{"attribs": {"Department": "Operations", "EmployeeNumber": "10017"}, "duousername": "grace.kim@northwind.example", "passwordResetRequired": true}','71d56e05-ab27-9ea8-10f3-78d0ab44501c','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000518','directory','','breakglass@northwind.example','breakglass@northwind.example','breakglass@northwind.example','Break Glass',null,null,'active',null,null,'{hardware_token}','{admin}',null,'2023-09-30 04:02:56+00','{"multifactor": "yubikey"}','3e2fd308-d02e-918b-9ed2-f6fd1aa4632a','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000548','directory','','ops-shared@northwind.example','ops-shared@northwind.example','ops-shared@northwind.example','Operations (shared)',null,null,'active',null,null,'{}','{basic}',null,'2024-12-22 04:02:56+00','{"attribs": {"password": "[redacted]"}, "duousername": "ops-shared@northwind.example"}','4c9aa579-9daf-3026-f4dd-b0b5dea7c484','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000586','directory','','chau.nguyen@northwind.example','chau.nguyen@northwind.example','chau.nguyen@northwind.example','Châu Nguyễn',null,null,'active',null,null,'{hardware_token}','{basic}','10019','2023-11-18 05:40:29+00','{"attribs": {"Department": "Engineering", "EmployeeNumber": "10019"}, "duousername": "chau.nguyen@northwind.example", "multifactor": "yubikey"}','11cdebef-d1c0-b25a-0f36-11bf05e4985a','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000602','directory','','zaneta.nowicki@northwind.example','zaneta.nowicki@northwind.example','zaneta.nowicki@northwind.example','Żaneta Nowicki',null,null,'active',null,null,'{push}','{basic}','10020','2023-11-18 05:44:03+00','{"attribs": {"Department": "Sales", "EmployeeNumber": "10020"}, "duousername": "zaneta.nowicki@northwind.example", "multifactor": "lastpassauth"}','d0242ccb-5287-d806-7f8b-6fbeb1c3a06c','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000632','directory','','eko@northwind.example','eko@northwind.example','eko@northwind.example','Eko',null,null,'active',null,null,'{}','{basic}','10021','2023-11-18 05:43:21+00','{"attribs": {"Department": "Support", "EmployeeNumber": "10021"}, "duousername": "eko@northwind.example"}','02585621-654e-cf24-6200-7b22eb48c93e','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000675','directory','','xiu-ying.wei@northwind.example','xiu-ying.wei@northwind.example','xiu-ying.wei@northwind.example','Xiu-Ying Wei',null,null,'active',null,null,'{push}','{basic}','10022','2023-11-18 04:03:16+00','{"attribs": {"Department": "Engineering", "EmployeeNumber": "10022"}, "duousername": "xiu-ying.wei@northwind.example", "multifactor": "lastpassauth"}','286941b4-16bc-9609-74db-fe7ec4f0d23e','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000707','directory','','inigo.quiroga@northwind.example','inigo.quiroga@northwind.example','inigo.quiroga@northwind.example','Íñigo Quiroga',null,null,'active',null,null,'{}','{basic}','10023','2023-11-18 04:42:12+00','{"attribs": {"Department": "Operations", "EmployeeNumber": "10023"}, "duousername": "inigo.quiroga@northwind.example"}','4d750f9d-f631-f598-c2cc-4e76e12fc3be','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000717','directory','','temitope.uzoma@northwind.example','temitope.uzoma@northwind.example','temitope.uzoma@northwind.example','Temitope Uzoma',null,null,'active',null,null,'{hardware_token}','{basic}','10024','2023-11-18 04:37:14+00','{"attribs": {"Department": "Finance", "EmployeeNumber": "10024"}, "duousername": "temitope.uzoma@northwind.example", "multifactor": "yubikey"}','5ab32400-6893-63cd-de1a-6d51b2d950ae','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000747','directory','','layla.abdel-aziz@northwind.example','layla.abdel-aziz@northwind.example','layla.abdel-aziz@northwind.example','Layla Abdel Aziz',null,null,'active',null,null,'{push}','{basic}','10025','2023-11-18 04:03:10+00','{"attribs": {"Department": "Engineering", "EmployeeNumber": "10025"}, "duousername": "layla.abdel-aziz@northwind.example", "multifactor": "duo"}','75c16687-3b50-2b97-a116-125a0210a056','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000780','directory','','greta.bohm@northwind.example','greta.bohm@northwind.example','greta.bohm@northwind.example','Greta Böhm',null,null,'active',null,null,'{push}','{basic}',null,'2023-11-18 05:22:58+00','{"duousername": "greta.bohm@northwind.example", "multifactor": "lastpassauth"}','c61419aa-338b-33f8-5428-066f4ea10fa2','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000835','directory','','min-seo.cho@northwind.example','min-seo.cho@northwind.example','min-seo.cho@northwind.example','Min-seo Cho',null,null,'active',null,null,'{hardware_token}','{basic}',null,'2023-11-18 05:11:20+00','{"linked": "home8@mail.example", "multifactor": "yubikey"}','9796e1e3-85fb-e571-d9a8-1d7632f5b00b','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000849','directory','','grazyna.golab@northwind.example','grazyna.golab@northwind.example','grazyna.golab@northwind.example','Grażyna Gołąb',null,null,'active',null,null,'{totp}','{basic}','10028','2023-11-18 04:54:41+00','{"attribs": {"Department": "Support", "EmployeeNumber": "10028"}, "duousername": "grazyna.golab@northwind.example", "multifactor": "microsoftauth"}','341a7fcb-5436-31fe-38de-3ac32f44adf8','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000896','directory','','harriet.ellison@northwind.example','harriet.ellison@northwind.example','harriet.ellison@northwind.example','Harriet Ellison',null,null,'pending',null,null,'{}','{basic}',null,'2023-11-18 04:32:41+00','{"duousername": "harriet.ellison@northwind.example", "passwordResetRequired": true}','55c79eb9-b8fc-4a2b-a3a2-13f5fefafb46','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000904','directory','','fang.liang@northwind.example','fang.liang@northwind.example','fang.liang@northwind.example','Fang Liang',null,null,'active',null,null,'{totp}','{basic}','10030','2023-11-18 04:34:24+00','{"attribs": {"Department": "Security", "EmployeeNumber": "10030"}, "duousername": "fang.liang@northwind.example", "multifactor": "googleauth"}','52d5fa79-3f95-e351-07b3-8d3478f0561b','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000959','directory','','yves.mercier@northwind.example','yves.mercier@northwind.example','yves.mercier@northwind.example','Yves Mercier',null,null,'disabled',null,null,'{totp}','{basic}','10031','2023-11-18 05:27:46+00','{"attribs": {"Department": "Sales", "EmployeeNumber": "10031"}, "duousername": "yves.mercier@northwind.example", "multifactor": "googleauth"}','202270f5-fb60-4100-5f25-00f6fd9beff4','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310000990','directory','','chidi.mensah@northwind.example','chidi.mensah@northwind.example','chidi.mensah@northwind.example','Chidi Mensah',null,null,'active',null,null,'{push}','{basic}','10032','2023-11-18 05:05:05+00','{"attribs": {"Department": "Engineering", "EmployeeNumber": "10032"}, "duousername": "chidi.mensah@northwind.example", "multifactor": "lastpassauth"}','9c40e2b8-b48a-a1bc-91b8-77d19aaf0097','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001007','directory','','ozgur.ozturk@northwind.example','ozgur.ozturk@northwind.example','ozgur.ozturk@northwind.example','Özgür Öztürk',null,null,'active',null,null,'{totp}','{basic}','10033','2023-11-18 05:39:30+00','{"attribs": {"Department": "People", "EmployeeNumber": "10033"}, "duousername": "ozgur.ozturk@northwind.example", "multifactor": "googleauth"}','39689193-7979-dec5-b670-7c369847dbc7','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001037','directory','','magnus.thorsen@northwind.example','magnus.thorsen@northwind.example','magnus.thorsen@northwind.example','Magnus Thorsen (1)',null,null,'active',null,null,'{totp}','{basic}','10034','2023-11-18 04:55:32+00','{"attribs": {"Department": "Support", "EmployeeNumber": "10034"}, "duousername": "magnus.thorsen@northwind.example", "multifactor": "googleauth"}','c26ca303-a14d-6782-8137-63b1f5af77be','2026-11-22 04:03:05.673+00','2026-11-22 04:03:05.673+00',null,null),
('lastpass','310001054','directory','','sakura.watanabe@northwind.example','sakura.watanabe@northwind.example','sakura.watanabe@northwind.example','Sakura Watanabe',null,null,'active',null,null,'{push}','{basic}','10035','2023-11-18 05:35:57+00','{"linked": "home16@mail.example", "attribs": {"Department": "Operations", "EmployeeNumber": "10035"}, "duousername": "sakura.watanabe@northwind.example", "multifactor": "lastpassauth"}','c8d4de88-da59-5b64-96d1-2b1297594c10','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001109','directory','','goncalo.sa-nogueira@northwind.example','goncalo.sa-nogueira@northwind.example','goncalo.sa-nogueira@northwind.example','Gonçalo Sá Nogueira',null,null,'active',null,null,'{totp}','{basic}',null,'2023-11-18 04:47:52+00','{"linked": "home17@mail.example", "duousername": "goncalo.sa-nogueira@northwind.example", "multifactor": "googleauth"}','d7ac752a-0cdb-20a4-a3a0-fc6ade9d3ed4','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001133','directory','','roisin.byrne@northwind.example','roisin.byrne@northwind.example','roisin.byrne@northwind.example','Róisín Byrne',null,null,'active',null,null,'{push}','{basic}',null,'2023-11-18 05:00:01+00','{"duousername": "roisin.byrne@northwind.example", "multifactor": "duo"}','2371b481-71a1-0a9d-98eb-7e8a5aa3c852','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001170','directory','','kavita.chaudhary@northwind.example','kavita.chaudhary@northwind.example','kavita.chaudhary@northwind.example','Kavita Chaudhary',null,null,'active',null,null,'{totp}','{basic}','10038','2023-11-18 04:32:41+00','{"attribs": {"Department": "Sales", "EmployeeNumber": "10038"}, "duousername": "kavita.chaudhary@northwind.example", "multifactor": "googleauth"}','dfd642a9-a8f7-8380-fb52-deb2d5766246','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001178','directory','','gael.daubigne@northwind.example','gael.daubigne@northwind.example','gael.daubigne@northwind.example','Gaël D''Aubigné',null,null,'active',null,null,'{}','{basic}','10039','2023-11-18 04:12:49+00','{"attribs": {"Department": "Engineering", "EmployeeNumber": "10039"}, "duousername": "gael.daubigne@northwind.example"}','042864ac-9a28-54d8-e876-96a98beb61df','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001220','directory','','huong.ho@northwind.example','huong.ho@northwind.example','huong.ho@northwind.example','Hương Hồ',null,null,'active',null,null,'{totp}','{admin}','10040','2023-11-18 04:57:35+00','{"attribs": {"Department": "Sales", "EmployeeNumber": "10040"}, "duousername": "huong.ho@northwind.example", "multifactor": "googleauth"}','f3e7ba3f-4cb6-52e3-cd8f-e107923e623a','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001248','directory','','cagla.erdogdu@northwind.example','cagla.erdogdu@northwind.example','cagla.erdogdu@northwind.example','Çağla Erdoğdu',null,null,'active',null,null,'{push}','{basic}',null,'2023-11-18 05:15:47+00','{"duousername": "cagla.erdogdu@northwind.example", "multifactor": "lastpassauth"}','fcff861e-0ee0-f8f5-1d1d-f0039d7cead5','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001271','directory','','surya.wibowo@northwind.example','surya.wibowo@northwind.example','surya.wibowo@northwind.example','Surya Wibowo',null,null,'pending',null,null,'{}','{basic}','10042','2023-11-18 04:16:49+00','{"attribs": {"Department": "Engineering", "EmployeeNumber": "10042"}, "duousername": "surya.wibowo@northwind.example", "passwordResetRequired": true}','270ce4ed-9e58-f453-91c2-e4ef3361b69a','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001302','directory','','chiyo.matsuda@northwind.example','chiyo.matsuda@northwind.example','chiyo.matsuda@northwind.example','Chiyo Matsuda',null,null,'active',null,null,'{}','{basic}',null,'2023-11-18 05:31:37+00','{"duousername": "chiyo.matsuda@northwind.example"}','ecb9ffeb-755b-399c-02f3-5f488d73b90e','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001334','directory','','martin.nunez@northwind.example','martin.nunez@northwind.example','martin.nunez@northwind.example','Martín Núñez',null,null,'active',null,null,'{totp}','{basic}','10044','2023-11-18 04:14:58+00','{"attribs": {"Department": "Finance", "EmployeeNumber": "10044"}, "duousername": "martin.nunez@northwind.example", "multifactor": "googleauth"}','46011ef7-9903-2a7f-8c64-6f46a84cb7d5','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001389','directory','','aisling.oshea@northwind.example','aisling.oshea@northwind.example','aisling.oshea@northwind.example','Aisling O''Shea',null,null,'active',null,null,'{totp}','{basic}','10045','2023-11-18 04:43:18+00','{"linked": "home26@mail.example", "attribs": {"Department": "Engineering", "EmployeeNumber": "10045"}, "multifactor": "googleauth"}','3a9be165-e490-46aa-68f0-c49175e5965a','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001410','directory','','nadia.rahman@northwind.example','nadia.rahman@northwind.example','nadia.rahman@northwind.example','Nadia Rahman',null,null,'active',null,null,'{totp}','{basic}','10046','2024-01-15 14:48:32+00','{"attribs": {"Department": "Sales", "EmployeeNumber": "10046"}, "duousername": "nadia.rahman@northwind.example", "multifactor": "googleauth"}','ccdac334-f945-8065-a523-54eaa34285b1','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001451','directory','','jurgen.von-der-heide@northwind.example','jurgen.von-der-heide@northwind.example','jurgen.von-der-heide@northwind.example','Jürgen von der Heide',null,null,'active',null,null,'{}','{basic}','10047','2024-03-23 14:57:42+00','{"attribs": {"Department": "IT", "EmployeeNumber": "10047"}}','0b3e556d-10fc-c5a1-ec54-afceb7ac0ddf','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001461','directory','','sang-woo.yoon@northwind.example','sang-woo.yoon@northwind.example','sang-woo.yoon@northwind.example','Sang-woo Yoon',null,null,'active',null,null,'{push}','{basic}','10048','2024-05-29 15:25:20+00','{"attribs": {"Department": "Support", "EmployeeNumber": "10048"}, "duousername": "sang-woo.yoon@northwind.example", "multifactor": "duo"}','0844e494-2b8a-24af-6fcf-d75d04706507','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001514','directory','','malgorzata.adamczyk@northwind.example','malgorzata.adamczyk@northwind.example','malgorzata.adamczyk@northwind.example','Małgorzata Adamczyk',null,null,'active',null,null,'{totp}','{basic}',null,'2024-08-05 15:59:10+00','{"multifactor": "googleauth"}','a5a2ec80-0ca2-c945-c531-5be815db0691','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001544','directory','','nathan.barrow@northwind.example','nathan.barrow@northwind.example','nathan.barrow@northwind.example','Nathan Barrow',null,null,'active',null,null,'{}','{basic}',null,'2024-10-11 15:28:20+00','{"duousername": "nathan.barrow@northwind.example"}','f93a9c3b-ee5a-b08a-b7a5-3c92f9b775e1','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001579','directory','','jian.feng@northwind.example','jian.feng@northwind.example','jian.feng@northwind.example','Jian Feng',null,null,'active',null,null,'{totp}','{basic}','10051','2024-12-18 14:31:26+00','{"attribs": {"Department": "Sales", "EmployeeNumber": "10051"}, "duousername": "jian.feng@northwind.example", "multifactor": "googleauth"}','b95122d8-4a95-3b0b-712b-d14554f792ab','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001609','directory','','catalina.espinoza@northwind.example','catalina.espinoza@northwind.example','catalina.espinoza@northwind.example','Catalina Espinoza',null,null,'active',null,null,'{hardware_token}','{basic}',null,'2025-02-23 14:34:30+00','{"duousername": "catalina.espinoza@northwind.example", "multifactor": "yubikey"}','11dbe0e6-6d1e-aabd-0134-30173c34cf88','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001614','directory','','ifeoma.eze@northwind.example','ifeoma.eze@northwind.example','ifeoma.eze@northwind.example','Ifeoma Eze (1)',null,null,'active',null,null,'{}','{admin}','10053','2025-05-01 15:04:09+00','{"attribs": {"Department": "People", "EmployeeNumber": "10053"}, "duousername": "ifeoma.eze@northwind.example"}','164e713d-e4d3-e9dc-e133-8ba1b0c4fa2b','2026-11-22 04:03:05.673+00','2026-11-22 04:03:05.673+00',null,null),
('lastpass','310001671','directory','','bassam.haddad@northwind.example','bassam.haddad@northwind.example','bassam.haddad@northwind.example','Bassam Haddad',null,null,'active',null,null,'{push}','{basic}','10054','2025-07-08 14:43:18+00','{"attribs": {"Department": "Support", "EmployeeNumber": "10054"}, "duousername": "bassam.haddad@northwind.example", "multifactor": "duo"}','e342578e-e0a1-c755-a547-4e0860bd8c43','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','310001701','directory','','asa.lindqvist@northwind.example','asa.lindqvist@northwind.example','asa.lindqvist@northwind.example','Åsa Lindqvist',null,null,'disabled',null,null,'{totp}','{basic}','10055','2025-09-13 15:52:23+00','{"attribs": {"Department": "Operations", "EmployeeNumber": "10055"}, "duousername": "asa.lindqvist@northwind.example", "multifactor": "microsoftauth"}','cc1cd3a5-6249-9f07-64d6-6922b736dfa3','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','invited:bo-ra.kwon@northwind.example','directory','','bo-ra.kwon@northwind.example','bo-ra.kwon@northwind.example','bo-ra.kwon@northwind.example',null,null,null,'invited',null,null,null,'{}',null,null,'{}','b3c6de88-e15e-7c8d-45d2-cd5fb2dd2b15','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','invited:lurdes.magalhaes@northwind.example','directory','','lurdes.magalhaes@northwind.example','lurdes.magalhaes@northwind.example','lurdes.magalhaes@northwind.example',null,null,null,'invited',null,null,null,'{}',null,null,'{}','1faed049-eea1-9ba6-9f6a-96345efc6013','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','invited:priya.raman@northwind.example','directory','','priya.raman@northwind.example','priya.raman@northwind.example','priya.raman@northwind.example',null,null,null,'invited',null,null,null,'{}',null,null,'{}','6fe6301f-9f7e-3b51-5090-ea928812a579','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','invited:tadhg.quinn@northwind.example','directory','','tadhg.quinn@northwind.example','tadhg.quinn@northwind.example','tadhg.quinn@northwind.example',null,null,null,'invited',null,null,null,'{}',null,null,'{}','3f21b69d-14c3-0185-c135-fc89291a1f67','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','invited:аda.okonkwo@northwind.example','directory','','аda.okonkwo@northwind.example','аda.okonkwo@northwind.example','аda.okonkwo@northwind.example',null,null,null,'invited',null,null,null,'{}',null,null,'{}','fccfa7ed-667b-907c-6928-458628162e5b','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null);

delete from "account_history";

insert into "account_history" (connection_id, key, collection, scope, email, email_folded, username, display_name, given_name, family_name, status, is_locked, is_service, mfa, roles, employee_number, created_at, extra, content_hash, observed_at, seen_from, seen_to, was_removed, run_id) overriding system value values
('lastpass','310000144','directory','','rosa.delgado@northwind.example','rosa.delgado@northwind.example','rosa.delgado@northwind.example','Rosa Delgado',null,null,'active',null,null,'{push}','{basic}','10006','2023-11-28 04:02:56+00','{"attribs": {"Department": "Legal", "EmployeeNumber": "10006"}, "duousername": "rosa.delgado@northwind.example", "multifactor": "lastpassauth"}','0ce986b1-36a3-f433-d5f4-b41426234f72','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00','2026-11-22 04:03:05.673+00','false','042194c9-5e4b-435d-9158-d43e963cd489'),
('lastpass','310001037','directory','','magnus.thorsen@northwind.example','magnus.thorsen@northwind.example','magnus.thorsen@northwind.example','Magnus Thorsen',null,null,'active',null,null,'{totp}','{basic}','10034','2023-11-18 04:55:32+00','{"attribs": {"Department": "Support", "EmployeeNumber": "10034"}, "duousername": "magnus.thorsen@northwind.example", "multifactor": "googleauth"}','ca11dc0f-4779-55c7-c7fd-757e69bb9ba5','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00','2026-11-22 04:03:05.673+00','false','042194c9-5e4b-435d-9158-d43e963cd489'),
('lastpass','310001614','directory','','ifeoma.eze@northwind.example','ifeoma.eze@northwind.example','ifeoma.eze@northwind.example','Ifeoma Eze',null,null,'active',null,null,'{}','{admin}','10053','2025-05-01 15:04:09+00','{"attribs": {"Department": "People", "EmployeeNumber": "10053"}, "duousername": "ifeoma.eze@northwind.example"}','c5e53645-b386-c889-a299-3eb2b47a5b85','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00','2026-11-22 04:03:05.673+00','false','042194c9-5e4b-435d-9158-d43e963cd489');

delete from "account_volatile";

insert into "account_volatile" (connection_id, key, last_login_at, volatile_extra, raw, volatile_hash) overriding system value values
('lastpass','310000020','2026-11-22 01:38:56+00','{"notes": 9, "sites": 84, "formfills": 2, "mpstrength": "90", "totalscore": "83.2", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2025-04-26T02:50:56.000Z"}','{"username":"ada.okonkwo@northwind.example","fullname":"Ada Okonkwo","mpstrength":"90","created":"2023-09-29 00:02:56","last_pw_change":"2025-04-25 22:50:56","last_login":"2026-11-21 20:38:56","neverloggedin":false,"disabled":false,"admin":true,"totalscore":"83.2","legacytotalscore":83,"hasSharingKeys":true,"multifactor":"yubikey","duousername":null,"sites":84,"notes":9,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"IT","EmployeeNumber":"10001"},"groups":["IT","Platform"]}','77d7bf22-09b4-9927-0422-e6a4fbbfff87'),
('lastpass','310000034','2026-11-21 18:26:56+00','{"notes": 9, "sites": 84, "formfills": 2, "mpstrength": "90", "totalscore": "83.2", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2025-04-30T23:14:56.000Z"}','{"username":"viktor.hansen@northwind.example","fullname":"Viktor Hansen","mpstrength":"90","created":"2023-10-09 00:02:56","last_pw_change":"2025-04-30 19:14:56","last_login":"2026-11-21 13:26:56","neverloggedin":false,"disabled":false,"admin":true,"totalscore":"83.2","legacytotalscore":83,"hasSharingKeys":true,"multifactor":"googleauth","duousername":null,"sites":84,"notes":9,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"IT","EmployeeNumber":"10002"},"groups":["IT","On-call"]}','687c9fe1-6384-1ca8-45ba-c4e3a7b8b71f'),
('lastpass','310000069','2026-11-20 23:14:56+00','{"notes": 9, "sites": 84, "formfills": 2, "mpstrength": "90", "totalscore": "83.2", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2025-05-05T13:38:56.000Z"}','{"username":"lena.fischer@northwind.example","fullname":"Lena Fischer","mpstrength":"90","created":"2023-10-19 00:02:56","last_pw_change":"2025-05-05 09:38:56","last_login":"2026-11-20 18:14:56","neverloggedin":false,"disabled":false,"admin":true,"totalscore":"83.2","legacytotalscore":83,"hasSharingKeys":true,"duousername":null,"sites":84,"notes":9,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Security","EmployeeNumber":"10003"},"groups":["Security"]}','0f3bee57-52bc-beae-c164-e26ff35636b9'),
('lastpass','310000098','2026-05-06 04:02:56+00','{"notes": 9, "sites": 84, "formfills": 2, "mpstrength": "90", "totalscore": "83.2", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2025-02-10T04:02:56.000Z"}','{"username":"oskar.brandt@northwind.example","fullname":"Oskar Brandt","mpstrength":"90","created":"2023-11-17 23:02:56","last_pw_change":"2025-02-09 23:02:56","last_login":"2026-05-06 00:02:56","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"83.2","legacytotalscore":83,"hasSharingKeys":true,"multifactor":"googleauth","duousername":"oskar.brandt@northwind.example","sites":84,"notes":9,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Finance","EmployeeNumber":"10005"},"groups":["Finance","Payroll"]}','3dd8fed0-0972-c233-c972-2c732def919a'),
('lastpass','310000144','2026-11-21 20:50:56+00','{"notes": 9, "sites": 84, "formfills": 2, "mpstrength": "90", "totalscore": "83.2", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2025-05-26T00:26:56.000Z"}','{"username":"rosa.delgado@northwind.example","fullname":"Rosa Delgado (1)","mpstrength":"90","created":"2023-11-27 23:02:56","last_pw_change":"2025-05-25 20:26:56","last_login":"2026-11-21 15:50:56","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"83.2","legacytotalscore":83,"hasSharingKeys":true,"multifactor":"lastpassauth","duousername":"rosa.delgado@northwind.example","sites":84,"notes":9,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Legal","EmployeeNumber":"10006"},"groups":["Legal"]}','d70573ab-24ca-e6c4-b623-3290f2f476e1'),
('lastpass','310000167','2026-11-09 18:26:56+00','{"notes": 9, "sites": 84, "formfills": 2, "mpstrength": "90", "totalscore": "83.2", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2025-05-22T11:14:56.000Z"}','{"username":"jonas.lind@northwind.example","fullname":"Jonas Lind","mpstrength":"90","created":"2023-12-02 23:02:56","last_pw_change":"2025-05-22 07:14:56","last_login":"2026-11-09 13:26:56","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"83.2","legacytotalscore":83,"hasSharingKeys":true,"multifactor":"lastpassauth","duousername":"jonas.lind@northwind.example","sites":84,"notes":9,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Sales","EmployeeNumber":"10007"},"groups":["Sales","Sales EMEA"]}','82635523-2717-e215-e0f3-f892d3710d82'),
('lastpass','310000186','2026-09-02 04:02:56+00','{"notes": 9, "sites": 84, "formfills": 2, "mpstrength": "90", "totalscore": "83.2", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2025-04-20T16:02:56.000Z"}','{"username":"tomas.ruiz@northwind.example","fullname":"Tomás Ruiz Ibarra","mpstrength":"90","created":"2023-12-07 23:02:56","last_pw_change":"2025-04-20 12:02:56","last_login":"2026-09-02 00:02:56","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"83.2","legacytotalscore":83,"hasSharingKeys":true,"multifactor":"googleauth","duousername":"tomas.ruiz@northwind.example","sites":84,"notes":9,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Support","EmployeeNumber":"10008"},"groups":["Support","Support Tier 2"]}','c86b4187-f8a1-3962-75da-ca91b7e19f8c'),
('lastpass','310000233','2026-11-19 16:02:56+00','{"notes": 9, "sites": 84, "formfills": 2, "mpstrength": "90", "totalscore": "83.2", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2026-04-24T22:02:56.000Z"}','{"username":"danielle@acme-fin.example","fullname":"Danielle Johnson","mpstrength":"90","created":"2025-09-28 00:02:56","last_pw_change":"2026-04-24 18:02:56","last_login":"2026-11-19 11:02:56","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"83.2","legacytotalscore":83,"hasSharingKeys":true,"multifactor":"microsoftauth","duousername":"danielle@acme-fin.example","sites":84,"notes":9,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Finance","EmployeeNumber":"10009"},"groups":["Finance"]}','8bdc1b6a-aabc-82f6-b726-3630768f126f'),
('lastpass','310000262','2026-11-21 08:50:56+00','{"notes": 9, "sites": 84, "formfills": 2, "mpstrength": "90", "totalscore": "83.2", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2025-07-14T18:26:56.000Z"}','{"username":"chris.lee@northwind.example","fullname":"Chris Lee","mpstrength":"90","created":"2024-03-06 23:02:56","last_pw_change":"2025-07-14 14:26:56","last_login":"2026-11-21 03:50:56","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"83.2","legacytotalscore":83,"hasSharingKeys":true,"multifactor":"googleauth","duousername":"chris.lee@northwind.example","sites":84,"notes":9,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Sales","EmployeeNumber":"10010"},"groups":["Sales","Travel"]}','b111f2f7-be38-9fb2-2b3b-875373d715e5'),
('lastpass','310000305','2026-11-21 13:38:56+00','{"notes": 9, "sites": 84, "formfills": 2, "mpstrength": "90", "totalscore": "83.2", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2026-01-10T20:50:56.000Z"}','{"username":"chris.lee2@northwind.example","fullname":"Chris Lee","mpstrength":"90","created":"2025-03-01 23:02:56","last_pw_change":"2026-01-10 15:50:56","last_login":"2026-11-21 08:38:56","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"83.2","legacytotalscore":83,"hasSharingKeys":true,"multifactor":"googleauth","duousername":"chris.lee2@northwind.example","sites":84,"notes":9,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Engineering","EmployeeNumber":"10011"},"groups":["Engineering"]}','18016ceb-a54f-4d57-6434-f688fc1f48b7'),
('lastpass','310000340','2026-11-19 01:38:56+00','{"notes": 9, "sites": 84, "formfills": 2, "mpstrength": "90", "totalscore": "83.2", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2025-09-01T14:50:56.000Z"}','{"username":"joerg.mueller@northwind.example","fullname":"Jörg Müller","mpstrength":"90","created":"2024-06-15 00:02:56","last_pw_change":"2025-09-01 10:50:56","last_login":"2026-11-18 20:38:56","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"83.2","legacytotalscore":83,"hasSharingKeys":true,"multifactor":"lastpassauth","duousername":"joerg.mueller@northwind.example","sites":84,"notes":9,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Operations","EmployeeNumber":"10012"},"groups":["Operations"]}','ad630b8e-e08c-6047-56c0-e1a5c534783a'),
('lastpass','310000361','2026-11-21 23:14:56+00','{"notes": 9, "sites": 84, "formfills": 2, "mpstrength": "90", "totalscore": "83.2", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2025-10-13T01:38:56.000Z"}','{"username":"ibrahim.sesay@northwind.example","fullname":"Ibrahim Sesay","mpstrength":"90","created":"2024-09-03 00:02:56","last_pw_change":"2025-10-12 21:38:56","last_login":"2026-11-21 18:14:56","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"83.2","legacytotalscore":83,"hasSharingKeys":true,"multifactor":"yubikey","duousername":"ibrahim.sesay@northwind.example","sites":84,"notes":9,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Engineering","EmployeeNumber":"10013"},"groups":["Engineering","Platform","On-call"]}','221288bb-f960-9902-898b-476b5bbab49e'),
('lastpass','310000378','2026-11-21 06:26:56+00','{"notes": 9, "sites": 84, "formfills": 2, "mpstrength": "90", "totalscore": "83.2", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2025-12-11T17:14:56.000Z"}','{"username":"yuki.tanaka@northwind.example","fullname":"Yuki Tanaka","mpstrength":"90","created":"2024-12-31 23:02:56","last_pw_change":"2025-12-11 12:14:56","last_login":"2026-11-21 01:26:56","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"83.2","legacytotalscore":83,"hasSharingKeys":true,"multifactor":"googleauth","duousername":"yuki.tanaka@northwind.example","sites":84,"notes":9,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Support","EmployeeNumber":"10014"},"groups":["Support","東京オフィス"]}','4828370d-6bf7-bf60-6d9c-7bbeeefd7d22'),
('lastpass','310000416','2026-11-21 16:02:56+00','{"notes": 9, "sites": 84, "formfills": 2, "mpstrength": "90", "totalscore": "83.2", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2026-02-17T10:02:56.000Z"}','{"username":"noor.bakker@northwind.example","fullname":"Noor Bakker","mpstrength":"90","created":"2025-05-16 00:02:56","last_pw_change":"2026-02-17 05:02:56","last_login":"2026-11-21 11:02:56","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"83.2","legacytotalscore":83,"hasSharingKeys":true,"multifactor":"googleauth","duousername":"noor.bakker@northwind.example","sites":84,"notes":9,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Engineering","EmployeeNumber":"10015"},"groups":["Engineering","Support","Support Tier 2"]}','3665409a-cd49-1e95-d468-764df736a0c8'),
('lastpass','310000437','2026-11-21 01:38:56+00','{"notes": 9, "sites": 84, "formfills": 2, "mpstrength": "90", "totalscore": "83.2", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2026-05-21T14:50:56.000Z"}','{"username":"mei-ling.chu@northwind.example","fullname":"Mei-Ling Chu","mpstrength":"90","created":"2025-11-18 23:02:56","last_pw_change":"2026-05-21 10:50:56","last_login":"2026-11-20 20:38:56","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"83.2","legacytotalscore":83,"hasSharingKeys":true,"multifactor":"googleauth","duousername":"mei-ling.chu@northwind.example","sites":84,"notes":9,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Finance","EmployeeNumber":"10016"},"groups":["Finance","Payroll"]}','3de071bd-c50d-ef75-4973-a0b86ae60e0d'),
('lastpass','310000491',null,'{"mpstrength": "0", "hasSharingKeys": false, "lastPasswordChangeAt": "2026-09-23T04:02:56.000Z"}','{"username":"grace.kim@northwind.example","fullname":"Grace Kim","mpstrength":"0","created":"2026-09-23 00:02:56","last_pw_change":"2026-09-23 00:02:56","last_login":"","neverloggedin":true,"disabled":false,"admin":false,"totalscore":null,"legacytotalscore":null,"hasSharingKeys":false,"duousername":"grace.kim@northwind.example","sites":null,"notes":null,"formfills":null,"applications":null,"attachments":null,"password_reset_required":true,"attribs":{"Department":"Operations","EmployeeNumber":"10017"},"groups":["Operations"]}','82facf49-2cc8-e99b-2263-e443cf8d09d7'),
('lastpass','310000518','2023-10-01 04:02:56+00','{"notes": 9, "sites": 84, "formfills": 2, "mpstrength": "90", "totalscore": "83.2", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2023-09-30T16:02:56.000Z"}','{"username":"breakglass@northwind.example","fullname":"Break Glass","mpstrength":"90","created":"2023-09-30 00:02:56","last_pw_change":"2023-09-30 12:02:56","last_login":"2023-10-01 00:02:56","neverloggedin":false,"disabled":false,"admin":true,"totalscore":"83.2","legacytotalscore":83,"hasSharingKeys":true,"multifactor":"yubikey","duousername":null,"sites":84,"notes":9,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false}','6f839056-c102-1214-3841-a9e5c45fffb1'),
('lastpass','310000548','2026-11-15 20:50:56+00','{"notes": 9, "sites": 84, "formfills": 2, "mpstrength": "90", "totalscore": "83.2", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2025-12-04T00:26:56.000Z"}','{"username":"ops-shared@northwind.example","fullname":"Operations (shared)","mpstrength":"90","created":"2024-12-21 23:02:56","last_pw_change":"2025-12-03 19:26:56","last_login":"2026-11-15 15:50:56","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"83.2","legacytotalscore":83,"hasSharingKeys":true,"duousername":"ops-shared@northwind.example","sites":84,"notes":9,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"password":"[redacted]"},"groups":["Operations"]}','9eee0daf-f6ab-eb37-13d4-11c9b2d0aa35'),
('lastpass','310000586','2026-11-21 02:16:06+00','{"notes": 3, "sites": 93, "formfills": 3, "mpstrength": "45", "totalscore": "84.4", "attachments": 2, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 84, "lastPasswordChangeAt": "2024-06-03T00:44:29.000Z"}','{"username":"chau.nguyen@northwind.example","fullname":"Châu Nguyễn","mpstrength":"45","created":"2023-11-18 00:40:29","last_pw_change":"2024-06-02 20:44:29","last_login":"2026-11-20 21:16:06","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"84.4","legacytotalscore":84,"hasSharingKeys":true,"multifactor":"yubikey","duousername":"chau.nguyen@northwind.example","sites":93,"notes":3,"formfills":3,"applications":0,"attachments":2,"password_reset_required":false,"attribs":{"Department":"Engineering","EmployeeNumber":"10019"},"groups":["Engineering","Platform"]}','267c62d9-d446-4f31-bc93-dec1580d56b2'),
('lastpass','310000602','2026-11-19 16:35:02+00','{"notes": 9, "sites": 42, "formfills": 1, "mpstrength": "70", "totalscore": "32", "attachments": 3, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 32, "lastPasswordChangeAt": "2024-11-14T09:33:16.000Z"}','{"username":"zaneta.nowicki@northwind.example","fullname":"Żaneta Nowicki","mpstrength":"70","created":"2023-11-18 00:44:03","last_pw_change":"2024-11-14 04:33:16","last_login":"2026-11-19 11:35:02","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"32","legacytotalscore":32,"hasSharingKeys":true,"multifactor":"lastpassauth","duousername":"zaneta.nowicki@northwind.example","sites":42,"notes":9,"formfills":1,"applications":0,"attachments":3,"password_reset_required":false,"attribs":{"Department":"Sales","EmployeeNumber":"10020"},"groups":["Sales","Platform"]}','2339f8f4-8a9c-d72c-9208-a3f2c94d58c2'),
('lastpass','310000632','2026-10-31 17:19:18+00','{"notes": 15, "sites": 45, "formfills": 2, "mpstrength": "100", "totalscore": "25.5", "attachments": 1, "applications": 1, "hasSharingKeys": true, "legacytotalscore": 26, "lastPasswordChangeAt": "2024-10-28T08:28:27.000Z"}','{"username":"eko@northwind.example","fullname":"Eko","mpstrength":"100","created":"2023-11-18 00:43:21","last_pw_change":"2024-10-28 04:28:27","last_login":"2026-10-31 13:19:18","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"25.5","legacytotalscore":26,"hasSharingKeys":true,"duousername":"eko@northwind.example","sites":45,"notes":15,"formfills":2,"applications":1,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Support","EmployeeNumber":"10021"},"groups":["Support"]}','7deb99ee-7f1c-bb6f-2dd8-34ece368f82d'),
('lastpass','310000675','2026-11-19 05:45:07+00','{"notes": 15, "sites": 90, "formfills": 3, "mpstrength": "85", "totalscore": "75", "attachments": 4, "applications": 1, "hasSharingKeys": true, "legacytotalscore": 75, "lastPasswordChangeAt": "2024-03-17T20:19:16.000Z"}','{"username":"xiu-ying.wei@northwind.example","fullname":"Xiu-Ying Wei","mpstrength":"85","created":"2023-11-17 23:03:16","last_pw_change":"2024-03-17 16:19:16","last_login":"2026-11-19 00:45:07","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"75","legacytotalscore":75,"hasSharingKeys":true,"multifactor":"lastpassauth","duousername":"xiu-ying.wei@northwind.example","sites":90,"notes":15,"formfills":3,"applications":1,"attachments":4,"password_reset_required":false,"attribs":{"Department":"Engineering","EmployeeNumber":"10022"},"groups":["Engineering"]}','42a316cb-c46c-72cd-efe1-1348201bd7b8'),
('lastpass','310000707','2026-10-30 22:37:13+00','{"notes": 7, "sites": 34, "formfills": 3, "mpstrength": "95", "totalscore": "44.4", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 44, "lastPasswordChangeAt": "2024-11-07T20:27:21.000Z"}','{"username":"inigo.quiroga@northwind.example","fullname":"Íñigo Quiroga","mpstrength":"95","created":"2023-11-17 23:42:12","last_pw_change":"2024-11-07 15:27:21","last_login":"2026-10-30 18:37:13","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"44.4","legacytotalscore":44,"hasSharingKeys":true,"duousername":"inigo.quiroga@northwind.example","sites":34,"notes":7,"formfills":3,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Operations","EmployeeNumber":"10023"},"groups":["Operations"]}','c1a25cb7-24a9-7906-da4e-06928473d517'),
('lastpass','310000717','2026-11-18 05:40:10+00','{"notes": 18, "sites": 59, "formfills": 2, "mpstrength": "85", "totalscore": "80.3", "attachments": 3, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 80, "lastPasswordChangeAt": "2024-03-28T17:13:35.000Z"}','{"username":"temitope.uzoma@northwind.example","fullname":"Temitope Uzoma","mpstrength":"85","created":"2023-11-17 23:37:14","last_pw_change":"2024-03-28 13:13:35","last_login":"2026-11-18 00:40:10","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"80.3","legacytotalscore":80,"hasSharingKeys":true,"multifactor":"yubikey","duousername":"temitope.uzoma@northwind.example","sites":59,"notes":18,"formfills":2,"applications":0,"attachments":3,"password_reset_required":false,"attribs":{"Department":"Finance","EmployeeNumber":"10024"},"groups":["Finance"]}','95745fe3-724d-cb74-3e1f-4d7eee4e9c8c'),
('lastpass','310000747','2026-11-10 18:40:30+00','{"notes": 16, "sites": 112, "formfills": 1, "mpstrength": "60", "totalscore": "83.9", "attachments": 4, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 84, "lastPasswordChangeAt": "2026-01-09T23:13:14.000Z"}','{"username":"layla.abdel-aziz@northwind.example","fullname":"Layla Abdel Aziz","mpstrength":"60","created":"2023-11-17 23:03:10","last_pw_change":"2026-01-09 18:13:14","last_login":"2026-11-10 13:40:30","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"83.9","legacytotalscore":84,"hasSharingKeys":true,"multifactor":"duo","duousername":"layla.abdel-aziz@northwind.example","sites":112,"notes":16,"formfills":1,"applications":0,"attachments":4,"password_reset_required":false,"attribs":{"Department":"Engineering","EmployeeNumber":"10025"},"groups":["Engineering"]}','09043f89-90c4-4e4f-ea60-1c3ce73bd3fc'),
('lastpass','310000780','2026-11-08 20:56:04+00','{"notes": 15, "sites": 90, "formfills": 1, "mpstrength": "65", "totalscore": "20.5", "attachments": 0, "applications": 1, "hasSharingKeys": true, "legacytotalscore": 21, "lastPasswordChangeAt": "2024-02-24T00:32:32.000Z"}','{"username":"greta.bohm@northwind.example","fullname":"Greta Böhm","mpstrength":"65","created":"2023-11-18 00:22:58","last_pw_change":"2024-02-23 19:32:32","last_login":"2026-11-08 15:56:04","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"20.5","legacytotalscore":21,"hasSharingKeys":true,"multifactor":"lastpassauth","duousername":"greta.bohm@northwind.example","sites":90,"notes":15,"formfills":1,"applications":1,"attachments":0,"password_reset_required":false,"groups":["Sales"]}','e6e7d9a4-d304-d6d9-7d92-60c528320276'),
('lastpass','310000835','2026-11-22 02:33:07+00','{"notes": 16, "sites": 156, "formfills": 2, "mpstrength": "40", "totalscore": "25.7", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 26, "lastPasswordChangeAt": "2025-09-30T03:33:14.000Z"}','{"username":"min-seo.cho@northwind.example","fullname":"Min-seo Cho","mpstrength":"40","created":"2023-11-18 00:11:20","last_pw_change":"2025-09-29 23:33:14","last_login":"2026-11-21 21:33:07","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"25.7","legacytotalscore":26,"hasSharingKeys":true,"multifactor":"yubikey","duousername":null,"linked":"home8@mail.example","sites":156,"notes":16,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"groups":["IT"]}','7c87095e-d2dc-b69b-699c-f829c00e729d'),
('lastpass','310000849','2026-11-21 21:10:34+00','{"notes": 4, "sites": 106, "formfills": 0, "mpstrength": "55", "totalscore": "17.6", "attachments": 1, "applications": 1, "hasSharingKeys": true, "legacytotalscore": 18, "lastPasswordChangeAt": "2025-10-11T00:02:17.000Z"}','{"username":"grazyna.golab@northwind.example","fullname":"Grażyna Gołąb","mpstrength":"55","created":"2023-11-17 23:54:41","last_pw_change":"2025-10-10 20:02:17","last_login":"2026-11-21 16:10:34","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"17.6","legacytotalscore":18,"hasSharingKeys":true,"multifactor":"microsoftauth","duousername":"grazyna.golab@northwind.example","sites":106,"notes":4,"formfills":0,"applications":1,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Support","EmployeeNumber":"10028"},"groups":["Support"]}','66e199e9-b6dd-3d06-f5da-fc2ec9f2a636'),
('lastpass','310000896',null,'{"mpstrength": "0", "hasSharingKeys": false, "lastPasswordChangeAt": "2023-11-18T04:32:41.000Z"}','{"username":"harriet.ellison@northwind.example","fullname":"Harriet Ellison","mpstrength":"0","created":"2023-11-17 23:32:41","last_pw_change":"2023-11-17 23:32:41","last_login":"","neverloggedin":true,"disabled":false,"admin":false,"totalscore":null,"legacytotalscore":null,"hasSharingKeys":false,"duousername":"harriet.ellison@northwind.example","sites":null,"notes":null,"formfills":null,"applications":null,"attachments":null,"password_reset_required":true,"groups":["Engineering","On-call"]}','3d3d16b4-5440-6d25-4bd6-534a1d6b3752'),
('lastpass','310000904','2026-10-31 09:27:27+00','{"notes": 8, "sites": 150, "formfills": 3, "mpstrength": "90", "totalscore": "41.3", "attachments": 1, "applications": 1, "hasSharingKeys": true, "legacytotalscore": 41, "lastPasswordChangeAt": "2026-06-02T10:41:37.000Z"}','{"username":"fang.liang@northwind.example","fullname":"Fang Liang","mpstrength":"90","created":"2023-11-17 23:34:24","last_pw_change":"2026-06-02 06:41:37","last_login":"2026-10-31 05:27:27","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"41.3","legacytotalscore":41,"hasSharingKeys":true,"multifactor":"googleauth","duousername":"fang.liang@northwind.example","sites":150,"notes":8,"formfills":3,"applications":1,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Security","EmployeeNumber":"10030"},"groups":["Security"]}','517ef395-8571-2884-b441-80be54b524c2'),
('lastpass','310000959','2026-01-09 17:58:08+00','{"notes": 12, "sites": 95, "formfills": 3, "mpstrength": "60", "totalscore": "53.7", "attachments": 1, "applications": 1, "hasSharingKeys": true, "legacytotalscore": 54, "lastPasswordChangeAt": "2024-11-04T19:29:25.000Z"}','{"username":"yves.mercier@northwind.example","fullname":"Yves Mercier","mpstrength":"60","created":"2023-11-18 00:27:46","last_pw_change":"2024-11-04 14:29:25","last_login":"2026-01-09 12:58:08","neverloggedin":false,"disabled":true,"admin":false,"totalscore":"53.7","legacytotalscore":54,"hasSharingKeys":true,"multifactor":"googleauth","duousername":"yves.mercier@northwind.example","sites":95,"notes":12,"formfills":3,"applications":1,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Sales","EmployeeNumber":"10031"}}','2321fec9-ad40-6776-f2a7-77502da56448'),
('lastpass','310000990','2026-11-03 05:33:42+00','{"notes": 10, "sites": 10, "formfills": 1, "mpstrength": "80", "totalscore": "43", "attachments": 4, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 43, "lastPasswordChangeAt": "2025-06-13T03:39:27.000Z"}','{"username":"chidi.mensah@northwind.example","fullname":"Chidi Mensah","mpstrength":"80","created":"2023-11-18 00:05:05","last_pw_change":"2025-06-12 23:39:27","last_login":"2026-11-03 00:33:42","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"43","legacytotalscore":43,"hasSharingKeys":true,"multifactor":"lastpassauth","duousername":"chidi.mensah@northwind.example","sites":10,"notes":10,"formfills":1,"applications":0,"attachments":4,"password_reset_required":false,"attribs":{"Department":"Engineering","EmployeeNumber":"10032"},"groups":["Engineering"]}','fab0c71e-dda8-1257-ea3b-7144c06f2622'),
('lastpass','310001007','2026-11-20 15:36:00+00','{"notes": 11, "sites": 135, "formfills": 0, "mpstrength": "55", "totalscore": "63.6", "attachments": 3, "applications": 1, "hasSharingKeys": true, "legacytotalscore": 64, "lastPasswordChangeAt": "2025-10-21T05:18:03.000Z"}','{"username":"ozgur.ozturk@northwind.example","fullname":"Özgür Öztürk","mpstrength":"55","created":"2023-11-18 00:39:30","last_pw_change":"2025-10-21 01:18:03","last_login":"2026-11-20 10:36:00","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"63.6","legacytotalscore":64,"hasSharingKeys":true,"multifactor":"googleauth","duousername":"ozgur.ozturk@northwind.example","sites":135,"notes":11,"formfills":0,"applications":1,"attachments":3,"password_reset_required":false,"attribs":{"Department":"People","EmployeeNumber":"10033"},"groups":["People"]}','1c9f2eb5-2884-45b9-da5d-d3b290dda1d3'),
('lastpass','310001037','2026-11-18 17:50:56+00','{"notes": 12, "sites": 148, "formfills": 2, "mpstrength": "70", "totalscore": "31.5", "attachments": 4, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 32, "lastPasswordChangeAt": "2026-07-10T03:49:05.000Z"}','{"username":"magnus.thorsen@northwind.example","fullname":"Magnus Thorsen (1)","mpstrength":"70","created":"2023-11-17 23:55:32","last_pw_change":"2026-07-09 23:49:05","last_login":"2026-11-18 12:50:56","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"31.5","legacytotalscore":32,"hasSharingKeys":true,"multifactor":"googleauth","duousername":"magnus.thorsen@northwind.example","sites":148,"notes":12,"formfills":2,"applications":0,"attachments":4,"password_reset_required":false,"attribs":{"Department":"Support","EmployeeNumber":"10034"}}','54e7b31f-471c-23e4-cedf-790d2ab30217'),
('lastpass','310001054','2026-11-12 03:41:42+00','{"notes": 0, "sites": 9, "formfills": 2, "mpstrength": "65", "totalscore": "29.1", "attachments": 3, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 29, "lastPasswordChangeAt": "2025-07-09T16:33:06.000Z"}','{"username":"sakura.watanabe@northwind.example","fullname":"Sakura Watanabe","mpstrength":"65","created":"2023-11-18 00:35:57","last_pw_change":"2025-07-09 12:33:06","last_login":"2026-11-11 22:41:42","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"29.1","legacytotalscore":29,"hasSharingKeys":true,"multifactor":"lastpassauth","duousername":"sakura.watanabe@northwind.example","linked":"home16@mail.example","sites":9,"notes":0,"formfills":2,"applications":0,"attachments":3,"password_reset_required":false,"attribs":{"Department":"Operations","EmployeeNumber":"10035"},"groups":["Operations"]}','6890a603-0e0d-33d6-4296-d678c0e9459b'),
('lastpass','310001109','2026-10-30 05:02:23+00','{"notes": 10, "sites": 71, "formfills": 3, "mpstrength": "45", "totalscore": "75", "attachments": 3, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 75, "lastPasswordChangeAt": "2024-07-22T21:53:36.000Z"}','{"username":"goncalo.sa-nogueira@northwind.example","fullname":"Gonçalo Sá Nogueira","mpstrength":"45","created":"2023-11-17 23:47:52","last_pw_change":"2024-07-22 17:53:36","last_login":"2026-10-30 01:02:23","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"75","legacytotalscore":75,"hasSharingKeys":true,"multifactor":"googleauth","duousername":"goncalo.sa-nogueira@northwind.example","linked":"home17@mail.example","sites":71,"notes":10,"formfills":3,"applications":0,"attachments":3,"password_reset_required":false,"groups":["Engineering"]}','af943556-ca95-2148-dcde-50bc52881a3b'),
('lastpass','310001133','2026-11-06 10:24:26+00','{"notes": 4, "sites": 103, "formfills": 1, "mpstrength": "75", "totalscore": "33.9", "attachments": 4, "applications": 1, "hasSharingKeys": true, "legacytotalscore": 34, "lastPasswordChangeAt": "2025-09-20T10:16:21.000Z"}','{"username":"roisin.byrne@northwind.example","fullname":"Róisín Byrne","mpstrength":"75","created":"2023-11-18 00:00:01","last_pw_change":"2025-09-20 06:16:21","last_login":"2026-11-06 05:24:26","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"33.9","legacytotalscore":34,"hasSharingKeys":true,"multifactor":"duo","duousername":"roisin.byrne@northwind.example","sites":103,"notes":4,"formfills":1,"applications":1,"attachments":4,"password_reset_required":false,"groups":["Legal","Platform"]}','cf547643-48fe-2200-b71a-66e70f2c0f46'),
('lastpass','310001170','2026-11-21 15:17:17+00','{"notes": 14, "sites": 134, "formfills": 2, "mpstrength": "85", "totalscore": "43.3", "attachments": 4, "applications": 1, "hasSharingKeys": true, "legacytotalscore": 43, "lastPasswordChangeAt": "2024-05-12T02:25:25.000Z"}','{"username":"kavita.chaudhary@northwind.example","fullname":"Kavita Chaudhary","mpstrength":"85","created":"2023-11-17 23:32:41","last_pw_change":"2024-05-11 22:25:25","last_login":"2026-11-21 10:17:17","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"43.3","legacytotalscore":43,"hasSharingKeys":true,"multifactor":"googleauth","duousername":"kavita.chaudhary@northwind.example","sites":134,"notes":14,"formfills":2,"applications":1,"attachments":4,"password_reset_required":false,"attribs":{"Department":"Sales","EmployeeNumber":"10038"},"groups":["Sales"]}','ee67d190-0535-dcdd-b0eb-02552c99bc6e'),
('lastpass','310001178','2026-11-22 02:50:46+00','{"notes": 18, "sites": 69, "formfills": 1, "mpstrength": "60", "totalscore": "95.3", "attachments": 3, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 95, "lastPasswordChangeAt": "2025-06-23T03:29:19.000Z"}','{"username":"gael.daubigne@northwind.example","fullname":"Gaël D''Aubigné","mpstrength":"60","created":"2023-11-17 23:12:49","last_pw_change":"2025-06-22 23:29:19","last_login":"2026-11-21 21:50:46","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"95.3","legacytotalscore":95,"hasSharingKeys":true,"duousername":"gael.daubigne@northwind.example","sites":69,"notes":18,"formfills":1,"applications":0,"attachments":3,"password_reset_required":false,"attribs":{"Department":"Engineering","EmployeeNumber":"10039"},"groups":["Engineering","東京オフィス"]}','e06a0056-30b8-ef1f-6f1d-d4e5028b1078'),
('lastpass','310001220','2026-11-22 01:04:29+00','{"notes": 18, "sites": 64, "formfills": 2, "mpstrength": "75", "totalscore": "3", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 3, "lastPasswordChangeAt": "2026-05-30T01:41:46.000Z"}','{"username":"huong.ho@northwind.example","fullname":"Hương Hồ","mpstrength":"75","created":"2023-11-17 23:57:35","last_pw_change":"2026-05-29 21:41:46","last_login":"2026-11-21 20:04:29","neverloggedin":false,"disabled":false,"admin":true,"totalscore":"3","legacytotalscore":3,"hasSharingKeys":true,"multifactor":"googleauth","duousername":"huong.ho@northwind.example","sites":64,"notes":18,"formfills":2,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Sales","EmployeeNumber":"10040"},"groups":["Sales"]}','86780700-0d78-dbfe-e781-158b4dfe5473'),
('lastpass','310001248','2026-11-22 02:42:33+00','{"notes": 11, "sites": 63, "formfills": 2, "mpstrength": "50", "totalscore": "5.1", "attachments": 4, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 5, "lastPasswordChangeAt": "2025-10-11T03:39:14.000Z"}','{"username":"cagla.erdogdu@northwind.example","fullname":"Çağla Erdoğdu","mpstrength":"50","created":"2023-11-18 00:15:47","last_pw_change":"2025-10-10 23:39:14","last_login":"2026-11-21 21:42:33","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"5.1","legacytotalscore":5,"hasSharingKeys":true,"multifactor":"lastpassauth","duousername":"cagla.erdogdu@northwind.example","sites":63,"notes":11,"formfills":2,"applications":0,"attachments":4,"password_reset_required":false,"groups":["Support","Payroll"]}','811aeca9-7937-87e7-59b3-3fb2beb0b441'),
('lastpass','310001271',null,'{"mpstrength": "0", "hasSharingKeys": false, "lastPasswordChangeAt": "2023-11-18T04:16:49.000Z"}','{"username":"surya.wibowo@northwind.example","fullname":"Surya Wibowo","mpstrength":"0","created":"2023-11-17 23:16:49","last_pw_change":"2023-11-17 23:16:49","last_login":"","neverloggedin":true,"disabled":false,"admin":false,"totalscore":null,"legacytotalscore":null,"hasSharingKeys":false,"duousername":"surya.wibowo@northwind.example","sites":null,"notes":null,"formfills":null,"applications":null,"attachments":null,"password_reset_required":true,"attribs":{"Department":"Engineering","EmployeeNumber":"10042"},"groups":["Engineering"]}','1626c751-5711-1b8f-c847-2a1f82145433'),
('lastpass','310001302','2026-11-11 06:16:53+00','{"notes": 13, "sites": 24, "formfills": 1, "mpstrength": "85", "totalscore": "76.8", "attachments": 4, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 77, "lastPasswordChangeAt": "2024-08-05T14:20:52.000Z"}','{"username":"chiyo.matsuda@northwind.example","fullname":"Chiyo Matsuda","mpstrength":"85","created":"2023-11-18 00:31:37","last_pw_change":"2024-08-05 10:20:52","last_login":"2026-11-11 01:16:53","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"76.8","legacytotalscore":77,"hasSharingKeys":true,"duousername":"chiyo.matsuda@northwind.example","sites":24,"notes":13,"formfills":1,"applications":0,"attachments":4,"password_reset_required":false,"groups":["Operations"]}','0230729b-e0cc-382e-33c6-200c9df7ffcc'),
('lastpass','310001334','2026-11-21 22:31:46+00','{"notes": 2, "sites": 28, "formfills": 0, "mpstrength": "50", "totalscore": "83", "attachments": 3, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 83, "lastPasswordChangeAt": "2024-05-23T03:16:37.000Z"}','{"username":"martin.nunez@northwind.example","fullname":"Martín Núñez","mpstrength":"50","created":"2023-11-17 23:14:58","last_pw_change":"2024-05-22 23:16:37","last_login":"2026-11-21 17:31:46","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"83","legacytotalscore":83,"hasSharingKeys":true,"multifactor":"googleauth","duousername":"martin.nunez@northwind.example","sites":28,"notes":2,"formfills":0,"applications":0,"attachments":3,"password_reset_required":false,"attribs":{"Department":"Finance","EmployeeNumber":"10044"},"groups":["Finance"]}','d01f3a6c-96df-42d1-1afd-79dda2484c94'),
('lastpass','310001389','2026-11-20 04:48:06+00','{"notes": 19, "sites": 65, "formfills": 0, "mpstrength": "90", "totalscore": "5", "attachments": 4, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 5, "lastPasswordChangeAt": "2023-12-10T03:45:47.000Z"}','{"username":"aisling.oshea@northwind.example","fullname":"Aisling O''Shea","mpstrength":"90","created":"2023-11-17 23:43:18","last_pw_change":"2023-12-09 22:45:47","last_login":"2026-11-19 23:48:06","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"5","legacytotalscore":5,"hasSharingKeys":true,"multifactor":"googleauth","duousername":null,"linked":"home26@mail.example","sites":65,"notes":19,"formfills":0,"applications":0,"attachments":4,"password_reset_required":false,"attribs":{"Department":"Engineering","EmployeeNumber":"10045"},"groups":["Engineering"]}','04c108b5-7fb6-55d6-1521-2f5617324671'),
('lastpass','310001410','2026-10-26 03:02:36+00','{"notes": 11, "sites": 42, "formfills": 0, "mpstrength": "70", "totalscore": "90", "attachments": 3, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 90, "lastPasswordChangeAt": "2025-03-26T20:32:59.000Z"}','{"username":"nadia.rahman@northwind.example","fullname":"Nadia Rahman","mpstrength":"70","created":"2024-01-15 09:48:32","last_pw_change":"2025-03-26 16:32:59","last_login":"2026-10-25 23:02:36","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"90","legacytotalscore":90,"hasSharingKeys":true,"multifactor":"googleauth","duousername":"nadia.rahman@northwind.example","sites":42,"notes":11,"formfills":0,"applications":0,"attachments":3,"password_reset_required":false,"attribs":{"Department":"Sales","EmployeeNumber":"10046"},"groups":["Sales"]}','f43f8166-c253-8f11-a726-14ba89e5e11d'),
('lastpass','310001451','2026-11-06 23:23:01+00','{"notes": 7, "sites": 106, "formfills": 0, "mpstrength": "90", "totalscore": "12.9", "attachments": 1, "applications": 1, "hasSharingKeys": true, "legacytotalscore": 13, "lastPasswordChangeAt": "2025-03-22T19:07:19.000Z"}','{"username":"jurgen.von-der-heide@northwind.example","fullname":"Jürgen von der Heide","mpstrength":"90","created":"2024-03-23 10:57:42","last_pw_change":"2025-03-22 15:07:19","last_login":"2026-11-06 18:23:01","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"12.9","legacytotalscore":13,"hasSharingKeys":true,"duousername":null,"sites":106,"notes":7,"formfills":0,"applications":1,"attachments":1,"password_reset_required":false,"attribs":{"Department":"IT","EmployeeNumber":"10047"},"groups":["IT"]}','08072bca-0da6-32e8-59dc-3d12c3d8e9c9'),
('lastpass','310001461','2026-10-27 10:57:45+00','{"notes": 18, "sites": 109, "formfills": 3, "mpstrength": "100", "totalscore": "51.9", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 52, "lastPasswordChangeAt": "2024-09-12T08:10:01.000Z"}','{"username":"sang-woo.yoon@northwind.example","fullname":"Sang-woo Yoon","mpstrength":"100","created":"2024-05-29 11:25:20","last_pw_change":"2024-09-12 04:10:01","last_login":"2026-10-27 06:57:45","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"51.9","legacytotalscore":52,"hasSharingKeys":true,"multifactor":"duo","duousername":"sang-woo.yoon@northwind.example","sites":109,"notes":18,"formfills":3,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Support","EmployeeNumber":"10048"}}','ea2c1abf-7304-a17d-57dc-4ac05632fb29'),
('lastpass','310001514','2026-11-22 00:50:41+00','{"notes": 10, "sites": 33, "formfills": 0, "mpstrength": "85", "totalscore": "21", "attachments": 4, "applications": 1, "hasSharingKeys": true, "legacytotalscore": 21, "lastPasswordChangeAt": "2026-04-26T10:37:48.000Z"}','{"username":"malgorzata.adamczyk@northwind.example","fullname":"Małgorzata Adamczyk","mpstrength":"85","created":"2024-08-05 11:59:10","last_pw_change":"2026-04-26 06:37:48","last_login":"2026-11-21 19:50:41","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"21","legacytotalscore":21,"hasSharingKeys":true,"multifactor":"googleauth","duousername":null,"sites":33,"notes":10,"formfills":0,"applications":1,"attachments":4,"password_reset_required":false,"groups":["Engineering"]}','8d620bc8-30e1-d151-42b4-5a7d8b750bd8'),
('lastpass','310001544','2026-11-22 00:49:42+00','{"notes": 17, "sites": 77, "formfills": 1, "mpstrength": "70", "totalscore": "76.1", "attachments": 1, "applications": 1, "hasSharingKeys": true, "legacytotalscore": 76, "lastPasswordChangeAt": "2025-02-04T08:28:32.000Z"}','{"username":"nathan.barrow@northwind.example","fullname":"Nathan Barrow","mpstrength":"70","created":"2024-10-11 11:28:20","last_pw_change":"2025-02-04 03:28:32","last_login":"2026-11-21 19:49:42","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"76.1","legacytotalscore":76,"hasSharingKeys":true,"duousername":"nathan.barrow@northwind.example","sites":77,"notes":17,"formfills":1,"applications":1,"attachments":1,"password_reset_required":false,"groups":["Security","Platform"]}','c0cedc22-29bb-ddd6-5a22-7d028403fd57'),
('lastpass','310001579','2026-11-09 23:22:26+00','{"notes": 6, "sites": 43, "formfills": 3, "mpstrength": "75", "totalscore": "37.5", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 38, "lastPasswordChangeAt": "2025-07-14T00:22:44.000Z"}','{"username":"jian.feng@northwind.example","fullname":"Jian Feng","mpstrength":"75","created":"2024-12-18 09:31:26","last_pw_change":"2025-07-13 20:22:44","last_login":"2026-11-09 18:22:26","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"37.5","legacytotalscore":38,"hasSharingKeys":true,"multifactor":"googleauth","duousername":"jian.feng@northwind.example","sites":43,"notes":6,"formfills":3,"applications":0,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Sales","EmployeeNumber":"10051"},"groups":["Sales"]}','234b63c6-166d-e7d5-2d4b-6b9dca2049a2'),
('lastpass','310001609','2026-11-22 00:08:23+00','{"notes": 7, "sites": 104, "formfills": 0, "mpstrength": "55", "totalscore": "28.5", "attachments": 1, "applications": 0, "hasSharingKeys": true, "legacytotalscore": 29, "lastPasswordChangeAt": "2025-08-20T19:10:23.000Z"}','{"username":"catalina.espinoza@northwind.example","fullname":"Catalina Espinoza","mpstrength":"55","created":"2025-02-23 09:34:30","last_pw_change":"2025-08-20 15:10:23","last_login":"2026-11-21 19:08:23","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"28.5","legacytotalscore":29,"hasSharingKeys":true,"multifactor":"yubikey","duousername":"catalina.espinoza@northwind.example","sites":104,"notes":7,"formfills":0,"applications":0,"attachments":1,"password_reset_required":false,"groups":["Engineering","Payroll"]}','e37920dc-58b5-54f5-b581-55cb85a54079'),
('lastpass','310001614','2026-11-18 11:58:40+00','{"notes": 14, "sites": 101, "formfills": 2, "mpstrength": "60", "totalscore": "55.3", "attachments": 1, "applications": 1, "hasSharingKeys": true, "legacytotalscore": 55, "lastPasswordChangeAt": "2025-11-27T00:00:19.000Z"}','{"username":"ifeoma.eze@northwind.example","fullname":"Ifeoma Eze (1)","mpstrength":"60","created":"2025-05-01 11:04:09","last_pw_change":"2025-11-26 19:00:19","last_login":"2026-11-18 06:58:40","neverloggedin":false,"disabled":false,"admin":true,"totalscore":"55.3","legacytotalscore":55,"hasSharingKeys":true,"duousername":"ifeoma.eze@northwind.example","sites":101,"notes":14,"formfills":2,"applications":1,"attachments":1,"password_reset_required":false,"attribs":{"Department":"People","EmployeeNumber":"10053"}}','9939dd68-7fdc-3f21-b6da-c8bcffd81205'),
('lastpass','310001671','2026-11-22 00:49:57+00','{"notes": 16, "sites": 76, "formfills": 3, "mpstrength": "40", "totalscore": "56.5", "attachments": 0, "applications": 1, "hasSharingKeys": true, "legacytotalscore": 57, "lastPasswordChangeAt": "2026-02-19T06:04:17.000Z"}','{"username":"bassam.haddad@northwind.example","fullname":"Bassam Haddad","mpstrength":"40","created":"2025-07-08 10:43:18","last_pw_change":"2026-02-19 01:04:17","last_login":"2026-11-21 19:49:57","neverloggedin":false,"disabled":false,"admin":false,"totalscore":"56.5","legacytotalscore":57,"hasSharingKeys":true,"multifactor":"duo","duousername":"bassam.haddad@northwind.example","sites":76,"notes":16,"formfills":3,"applications":1,"attachments":0,"password_reset_required":false,"attribs":{"Department":"Support","EmployeeNumber":"10054"},"groups":["Support","Payroll"]}','92951a2f-1d2d-285e-31d9-f12d9f50a153'),
('lastpass','310001701','2026-02-25 15:19:45+00','{"notes": 6, "sites": 58, "formfills": 3, "mpstrength": "95", "totalscore": "23.8", "attachments": 1, "applications": 1, "hasSharingKeys": true, "legacytotalscore": 24, "lastPasswordChangeAt": "2025-10-13T08:34:30.000Z"}','{"username":"asa.lindqvist@northwind.example","fullname":"Åsa Lindqvist","mpstrength":"95","created":"2025-09-13 11:52:23","last_pw_change":"2025-10-13 04:34:30","last_login":"2026-02-25 10:19:45","neverloggedin":false,"disabled":true,"admin":false,"totalscore":"23.8","legacytotalscore":24,"hasSharingKeys":true,"multifactor":"microsoftauth","duousername":"asa.lindqvist@northwind.example","sites":58,"notes":6,"formfills":3,"applications":1,"attachments":1,"password_reset_required":false,"attribs":{"Department":"Operations","EmployeeNumber":"10055"},"groups":["Operations"]}','a1f0c1e4-51f1-10a0-964b-4b872c56dd81'),
('lastpass','invited:bo-ra.kwon@northwind.example',null,'{}','"bo-ra.kwon@northwind.example"','ddd5e752-9b9b-c68c-ffe2-44852a108514'),
('lastpass','invited:lurdes.magalhaes@northwind.example',null,'{}','"lurdes.magalhaes@northwind.example"','40aabd24-ee86-c4f9-82b4-f736bb2d84d9'),
('lastpass','invited:priya.raman@northwind.example',null,'{}','"priya.raman@northwind.example"','55efa7e8-4da1-97ee-c328-4d2b01867bc9'),
('lastpass','invited:tadhg.quinn@northwind.example',null,'{}','"tadhg.quinn@northwind.example"','fb7b87e6-cde3-51f3-8f9b-836eff85c182'),
('lastpass','invited:аda.okonkwo@northwind.example',null,'{}','"аda.okonkwo@northwind.example"','7175b21b-300b-b68d-f889-9434bbb75870');

delete from "api_drift";

delete from "change_event";

insert into "change_event" (id, "position", connection_id, source, type, subject_kind, subject_key, occurred_at, recorded_at, run_id, app_event_id, data) overriding system value values
('1','1','lastpass','sync','connection.baselined','connection','lastpass','2026-11-22 04:03:04.467+00','2026-11-22 04:03:04.467946+00','5588f693-08c1-4e2f-9953-8c14777e3767',null,'{"role": 2, "grant": 223, "group": 16, "account": 60, "resource": 31}'),
('2','2','lastpass','sync','account.updated','account','310000144','2026-11-22 04:03:05.673+00','2026-11-22 04:03:06.356586+00','042194c9-5e4b-435d-9158-d43e963cd489',null,'{"display_name": {"after": "Rosa Delgado (1)", "before": "Rosa Delgado"}}'),
('3','3','lastpass','sync','account.updated','account','310001037','2026-11-22 04:03:05.673+00','2026-11-22 04:03:06.356667+00','042194c9-5e4b-435d-9158-d43e963cd489',null,'{"display_name": {"after": "Magnus Thorsen (1)", "before": "Magnus Thorsen"}}'),
('4','4','lastpass','sync','account.updated','account','310001614','2026-11-22 04:03:05.673+00','2026-11-22 04:03:06.356688+00','042194c9-5e4b-435d-9158-d43e963cd489',null,'{"display_name": {"after": "Ifeoma Eze (1)", "before": "Ifeoma Eze"}}');

delete from "collection_state";

insert into "collection_state" (connection_id, collection, scope, complete_as_of, run_id, last_end, last_reason) overriding system value values
('lastpass','directory','','2026-11-22 04:03:05.672+00','042194c9-5e4b-435d-9158-d43e963cd489','complete',null),
('lastpass','shared_folders','','2026-11-22 04:03:06.002+00','042194c9-5e4b-435d-9158-d43e963cd489','complete',null);

delete from "connection";

insert into "connection" (id, connector, settings, capabilities, tenant, state, paused_reason, schedule_seconds, next_sync_at, mapping_version, baselined_at, last_probe_at, created_at, updated_at) overriding system value values
('lastpass','lastpass','{"region": "custom", "base_url": "http://127.0.0.1:41301", "time_zone": "America/New_York", "company_id": "99238251", "requests_per_second": 1000}','{directory,events,shared_folders}','{"id": "99238251", "name": "LastPass company 99238251"}','active',null,null,null,'1','2026-11-22 04:03:04.468+00','2026-11-22 04:03:02.535+00','2026-11-22 04:03:02.535+00','2026-11-22 04:03:06.363+00');

delete from "connection_cursor";

delete from "feed";

insert into "feed" (only_row, last_position) overriding system value values
('true','4');

delete from "grant";

insert into "grant" (connection_id, key, collection, scope, holder_kind, holder_key, target_kind, target_key, permission, path, extra, content_hash, observed_at, seen_from, missing_run, missing_since) overriding system value values
('lastpass','account%3A310000020 group%3AIT member ','directory','','account','310000020','group','IT','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000020 group%3APlatform member ','directory','','account','310000020','group','Platform','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000020 resource%3A7302021 editor ','shared_folders','','account','310000020','resource','7302021','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000020 resource%3A7302070 editor ','shared_folders','','account','310000020','resource','7302070','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000020 resource%3A7302119 admin ','shared_folders','','account','310000020','resource','7302119','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000020 role%3Aadmin holder ','directory','','account','310000020','role','admin','holder','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000034 group%3AIT member ','directory','','account','310000034','group','IT','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000034 group%3AOn-call member ','directory','','account','310000034','group','On-call','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000034 resource%3A7301986 editor ','shared_folders','','account','310000034','resource','7301986','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000034 resource%3A7302070 admin ','shared_folders','','account','310000034','resource','7302070','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000034 resource%3A7302140 editor ','shared_folders','','account','310000034','resource','7302140','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000034 role%3Aadmin holder ','directory','','account','310000034','role','admin','holder','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000069 group%3ASecurity member ','directory','','account','310000069','group','Security','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000069 resource%3A7301958 editor ','shared_folders','','account','310000069','resource','7301958','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000069 role%3Aadmin holder ','directory','','account','310000069','role','admin','holder','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000098 group%3AFinance member ','directory','','account','310000098','group','Finance','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000098 group%3APayroll member ','directory','','account','310000098','group','Payroll','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000098 resource%3A7301944 editor ','shared_folders','','account','310000098','resource','7301944','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000098 resource%3A7302098 viewer ','shared_folders','','account','310000098','resource','7302098','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000144 group%3ALegal member ','directory','','account','310000144','group','Legal','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000144 resource%3A7301986 viewer ','shared_folders','','account','310000144','resource','7301986','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000144 resource%3A7302021 editor ','shared_folders','','account','310000144','resource','7302021','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000144 resource%3A7302084 editor ','shared_folders','','account','310000144','resource','7302084','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000144 resource%3A7302133 viewer ','shared_folders','','account','310000144','resource','7302133','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000167 group%3ASales member ','directory','','account','310000167','group','Sales','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000167 group%3ASales%20EMEA member ','directory','','account','310000167','group','Sales EMEA','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000167 resource%3A7301944 admin ','shared_folders','','account','310000167','resource','7301944','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000167 resource%3A7301951 admin ','shared_folders','','account','310000167','resource','7301951','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000167 resource%3A7301958 viewer ','shared_folders','','account','310000167','resource','7301958','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000167 resource%3A7302049 editor ','shared_folders','','account','310000167','resource','7302049','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000167 resource%3A7302063 editor ','shared_folders','','account','310000167','resource','7302063','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000167 resource%3A7302098 editor ','shared_folders','','account','310000167','resource','7302098','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000167 resource%3A7302126 editor ','shared_folders','','account','310000167','resource','7302126','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000186 group%3ASupport member ','directory','','account','310000186','group','Support','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000186 group%3ASupport%20Tier%202 member ','directory','','account','310000186','group','Support Tier 2','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000186 resource%3A7301965 admin ','shared_folders','','account','310000186','resource','7301965','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000186 resource%3A7302070 editor group%3ASupport%20Tier%202','shared_folders','','account','310000186','resource','7302070','editor','group:Support Tier 2','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000233 group%3AFinance member ','directory','','account','310000233','group','Finance','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000233 resource%3A7302021 editor ','shared_folders','','account','310000233','resource','7302021','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000233 resource%3A7302049 admin ','shared_folders','','account','310000233','resource','7302049','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000233 resource%3A7302119 editor ','shared_folders','','account','310000233','resource','7302119','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000262 group%3ASales member ','directory','','account','310000262','group','Sales','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000262 group%3ATravel member ','directory','','account','310000262','group','Travel','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000262 resource%3A7301993 viewer ','shared_folders','','account','310000262','resource','7301993','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000262 resource%3A7302105 admin ','shared_folders','','account','310000262','resource','7302105','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000305 group%3AEngineering member ','directory','','account','310000305','group','Engineering','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000305 resource%3A7302028 editor ','shared_folders','','account','310000305','resource','7302028','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000305 resource%3A7302147 editor ','shared_folders','','account','310000305','resource','7302147','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000305 resource%3A7302154 editor ','shared_folders','','account','310000305','resource','7302154','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000340 group%3AOperations member ','directory','','account','310000340','group','Operations','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000340 resource%3A7301993 admin ','shared_folders','','account','310000340','resource','7301993','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000340 resource%3A7302028 editor ','shared_folders','','account','310000340','resource','7302028','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000340 resource%3A7302042 admin ','shared_folders','','account','310000340','resource','7302042','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000340 resource%3A7302063 viewer ','shared_folders','','account','310000340','resource','7302063','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000340 resource%3A7302112 viewer ','shared_folders','','account','310000340','resource','7302112','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000361 group%3AEngineering member ','directory','','account','310000361','group','Engineering','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000361 group%3AOn-call member ','directory','','account','310000361','group','On-call','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000361 group%3APlatform member ','directory','','account','310000361','group','Platform','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000361 resource%3A7302007 editor ','shared_folders','','account','310000361','resource','7302007','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000361 resource%3A7302077 editor ','shared_folders','','account','310000361','resource','7302077','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000361 resource%3A7302091 editor ','shared_folders','','account','310000361','resource','7302091','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000378 group%3A%E6%9D%B1%E4%BA%AC%E3%82%AA%E3%83%95%E3%82%A3%E3%82%B9 member ','directory','','account','310000378','group','東京オフィス','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000378 group%3ASupport member ','directory','','account','310000378','group','Support','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000378 resource%3A7301979 editor ','shared_folders','','account','310000378','resource','7301979','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000378 resource%3A7302063 admin ','shared_folders','','account','310000378','resource','7302063','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000378 resource%3A7302154 viewer ','shared_folders','','account','310000378','resource','7302154','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000416 group%3AEngineering member ','directory','','account','310000416','group','Engineering','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000416 group%3ASupport member ','directory','','account','310000416','group','Support','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000416 group%3ASupport%20Tier%202 member ','directory','','account','310000416','group','Support Tier 2','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000416 resource%3A7301986 editor ','shared_folders','','account','310000416','resource','7301986','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000416 resource%3A7302063 editor ','shared_folders','','account','310000416','resource','7302063','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000416 resource%3A7302070 editor group%3ASupport%20Tier%202','shared_folders','','account','310000416','resource','7302070','editor','group:Support Tier 2','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000416 resource%3A7302091 editor ','shared_folders','','account','310000416','resource','7302091','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000437 group%3AFinance member ','directory','','account','310000437','group','Finance','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000437 group%3APayroll member ','directory','','account','310000437','group','Payroll','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000437 resource%3A7301944 editor ','shared_folders','','account','310000437','resource','7301944','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000437 resource%3A7302063 editor ','shared_folders','','account','310000437','resource','7302063','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000437 resource%3A7302133 admin ','shared_folders','','account','310000437','resource','7302133','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000437 resource%3A7302147 editor ','shared_folders','','account','310000437','resource','7302147','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000491 group%3AOperations member ','directory','','account','310000491','group','Operations','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000518 resource%3A7301979 admin ','shared_folders','','account','310000518','resource','7301979','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000518 resource%3A7301993 editor ','shared_folders','','account','310000518','resource','7301993','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000518 role%3Aadmin holder ','directory','','account','310000518','role','admin','holder','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000548 group%3AOperations member ','directory','','account','310000548','group','Operations','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000548 resource%3A7302098 admin ','shared_folders','','account','310000548','resource','7302098','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000586 group%3AEngineering member ','directory','','account','310000586','group','Engineering','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000586 group%3APlatform member ','directory','','account','310000586','group','Platform','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000586 resource%3A7301979 viewer ','shared_folders','','account','310000586','resource','7301979','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000586 resource%3A7302007 admin ','shared_folders','','account','310000586','resource','7302007','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000586 resource%3A7302063 editor ','shared_folders','','account','310000586','resource','7302063','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000602 group%3APlatform member ','directory','','account','310000602','group','Platform','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000602 group%3ASales member ','directory','','account','310000602','group','Sales','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000632 group%3ASupport member ','directory','','account','310000632','group','Support','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000632 resource%3A7301958 editor ','shared_folders','','account','310000632','resource','7301958','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000632 resource%3A7302098 editor ','shared_folders','','account','310000632','resource','7302098','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000632 resource%3A7302140 editor ','shared_folders','','account','310000632','resource','7302140','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000675 group%3AEngineering member ','directory','','account','310000675','group','Engineering','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000675 resource%3A7302077 editor ','shared_folders','','account','310000675','resource','7302077','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000675 resource%3A7302154 admin ','shared_folders','','account','310000675','resource','7302154','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000707 group%3AOperations member ','directory','','account','310000707','group','Operations','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000707 resource%3A7302014 admin ','shared_folders','','account','310000707','resource','7302014','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000707 resource%3A7302042 editor ','shared_folders','','account','310000707','resource','7302042','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000707 resource%3A7302049 editor ','shared_folders','','account','310000707','resource','7302049','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000717 group%3AFinance member ','directory','','account','310000717','group','Finance','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000717 resource%3A7302049 editor ','shared_folders','','account','310000717','resource','7302049','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000717 resource%3A7302084 viewer ','shared_folders','','account','310000717','resource','7302084','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000747 group%3AEngineering member ','directory','','account','310000747','group','Engineering','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000747 resource%3A7301979 editor ','shared_folders','','account','310000747','resource','7301979','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000747 resource%3A7301986 admin ','shared_folders','','account','310000747','resource','7301986','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000747 resource%3A7302014 editor ','shared_folders','','account','310000747','resource','7302014','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000780 group%3ASales member ','directory','','account','310000780','group','Sales','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000780 resource%3A7301972 editor ','shared_folders','','account','310000780','resource','7301972','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000780 resource%3A7301986 editor ','shared_folders','','account','310000780','resource','7301986','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000780 resource%3A7302035 editor ','shared_folders','','account','310000780','resource','7302035','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000780 resource%3A7302056 editor ','shared_folders','','account','310000780','resource','7302056','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000835 group%3AIT member ','directory','','account','310000835','group','IT','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000835 resource%3A7301972 editor ','shared_folders','','account','310000835','resource','7301972','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000849 group%3ASupport member ','directory','','account','310000849','group','Support','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000849 resource%3A7302021 admin ','shared_folders','','account','310000849','resource','7302021','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000849 resource%3A7302140 viewer ','shared_folders','','account','310000849','resource','7302140','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000896 group%3AEngineering member ','directory','','account','310000896','group','Engineering','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000896 group%3AOn-call member ','directory','','account','310000896','group','On-call','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000896 resource%3A7301993 editor ','shared_folders','','account','310000896','resource','7301993','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000896 resource%3A7302056 admin ','shared_folders','','account','310000896','resource','7302056','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000896 resource%3A7302070 editor ','shared_folders','','account','310000896','resource','7302070','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000904 group%3ASecurity member ','directory','','account','310000904','group','Security','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000904 resource%3A7302014 viewer ','shared_folders','','account','310000904','resource','7302014','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000904 resource%3A7302042 editor ','shared_folders','','account','310000904','resource','7302042','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000904 resource%3A7302126 viewer ','shared_folders','','account','310000904','resource','7302126','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000959 resource%3A7301986 editor ','shared_folders','','account','310000959','resource','7301986','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000990 group%3AEngineering member ','directory','','account','310000990','group','Engineering','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310000990 resource%3A7301972 viewer ','shared_folders','','account','310000990','resource','7301972','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000990 resource%3A7302042 editor ','shared_folders','','account','310000990','resource','7302042','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000990 resource%3A7302112 admin ','shared_folders','','account','310000990','resource','7302112','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310000990 resource%3A7302147 editor ','shared_folders','','account','310000990','resource','7302147','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001007 group%3APeople member ','directory','','account','310001007','group','People','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001007 resource%3A7302035 editor ','shared_folders','','account','310001007','resource','7302035','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001007 resource%3A7302126 editor ','shared_folders','','account','310001007','resource','7302126','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001037 resource%3A7301965 editor ','shared_folders','','account','310001037','resource','7301965','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001037 resource%3A7302028 viewer ','shared_folders','','account','310001037','resource','7302028','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001037 resource%3A7302049 viewer ','shared_folders','','account','310001037','resource','7302049','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001037 resource%3A7302126 admin ','shared_folders','','account','310001037','resource','7302126','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001037 resource%3A7302147 editor ','shared_folders','','account','310001037','resource','7302147','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001054 group%3AOperations member ','directory','','account','310001054','group','Operations','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001054 resource%3A7302007 viewer ','shared_folders','','account','310001054','resource','7302007','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001054 resource%3A7302119 editor ','shared_folders','','account','310001054','resource','7302119','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001109 group%3AEngineering member ','directory','','account','310001109','group','Engineering','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001109 resource%3A7301951 editor ','shared_folders','','account','310001109','resource','7301951','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001109 resource%3A7302063 editor ','shared_folders','','account','310001109','resource','7302063','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001109 resource%3A7302084 editor ','shared_folders','','account','310001109','resource','7302084','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001109 resource%3A7302133 editor ','shared_folders','','account','310001109','resource','7302133','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001133 group%3ALegal member ','directory','','account','310001133','group','Legal','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001133 group%3APlatform member ','directory','','account','310001133','group','Platform','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001133 resource%3A7301958 editor ','shared_folders','','account','310001133','resource','7301958','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001133 resource%3A7302014 editor ','shared_folders','','account','310001133','resource','7302014','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001133 resource%3A7302133 editor ','shared_folders','','account','310001133','resource','7302133','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001170 group%3ASales member ','directory','','account','310001170','group','Sales','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001170 resource%3A7302056 viewer ','shared_folders','','account','310001170','resource','7302056','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001178 group%3A%E6%9D%B1%E4%BA%AC%E3%82%AA%E3%83%95%E3%82%A3%E3%82%B9 member ','directory','','account','310001178','group','東京オフィス','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001178 group%3AEngineering member ','directory','','account','310001178','group','Engineering','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001178 resource%3A7302028 viewer ','shared_folders','','account','310001178','resource','7302028','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001178 resource%3A7302035 admin ','shared_folders','','account','310001178','resource','7302035','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001178 resource%3A7302077 admin ','shared_folders','','account','310001178','resource','7302077','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001178 resource%3A7302084 editor ','shared_folders','','account','310001178','resource','7302084','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001178 resource%3A7302105 editor ','shared_folders','','account','310001178','resource','7302105','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001178 resource%3A7302147 admin ','shared_folders','','account','310001178','resource','7302147','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001220 group%3ASales member ','directory','','account','310001220','group','Sales','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001220 resource%3A7302056 editor ','shared_folders','','account','310001220','resource','7302056','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001220 resource%3A7302084 admin ','shared_folders','','account','310001220','resource','7302084','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001220 resource%3A7302140 editor ','shared_folders','','account','310001220','resource','7302140','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001220 role%3Aadmin holder ','directory','','account','310001220','role','admin','holder','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001248 group%3APayroll member ','directory','','account','310001248','group','Payroll','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001248 group%3ASupport member ','directory','','account','310001248','group','Support','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001248 resource%3A7301958 admin ','shared_folders','','account','310001248','resource','7301958','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001248 resource%3A7302042 viewer ','shared_folders','','account','310001248','resource','7302042','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001271 group%3AEngineering member ','directory','','account','310001271','group','Engineering','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001271 resource%3A7301951 editor ','shared_folders','','account','310001271','resource','7301951','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001271 resource%3A7302014 editor ','shared_folders','','account','310001271','resource','7302014','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001302 group%3AOperations member ','directory','','account','310001302','group','Operations','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001334 group%3AFinance member ','directory','','account','310001334','group','Finance','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001334 resource%3A7302070 viewer ','shared_folders','','account','310001334','resource','7302070','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001334 resource%3A7302077 editor ','shared_folders','','account','310001334','resource','7302077','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001334 resource%3A7302119 editor ','shared_folders','','account','310001334','resource','7302119','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001389 group%3AEngineering member ','directory','','account','310001389','group','Engineering','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001389 resource%3A7302028 editor ','shared_folders','','account','310001389','resource','7302028','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001389 resource%3A7302084 editor ','shared_folders','','account','310001389','resource','7302084','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001410 group%3ASales member ','directory','','account','310001410','group','Sales','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001410 resource%3A7301951 viewer ','shared_folders','','account','310001410','resource','7301951','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001410 resource%3A7302154 editor ','shared_folders','','account','310001410','resource','7302154','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001451 group%3AIT member ','directory','','account','310001451','group','IT','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001451 resource%3A7301951 editor ','shared_folders','','account','310001451','resource','7301951','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001451 resource%3A7302126 editor ','shared_folders','','account','310001451','resource','7302126','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001461 resource%3A7302119 viewer ','shared_folders','','account','310001461','resource','7302119','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001461 resource%3A7302154 editor ','shared_folders','','account','310001461','resource','7302154','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001514 group%3AEngineering member ','directory','','account','310001514','group','Engineering','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001514 resource%3A7301972 admin ','shared_folders','','account','310001514','resource','7301972','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001514 resource%3A7302105 viewer ','shared_folders','','account','310001514','resource','7302105','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001544 group%3APlatform member ','directory','','account','310001544','group','Platform','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001544 group%3ASecurity member ','directory','','account','310001544','group','Security','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001544 resource%3A7302091 admin ','shared_folders','','account','310001544','resource','7302091','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001544 resource%3A7302154 editor ','shared_folders','','account','310001544','resource','7302154','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001579 group%3ASales member ','directory','','account','310001579','group','Sales','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001579 resource%3A7302070 editor ','shared_folders','','account','310001579','resource','7302070','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001579 resource%3A7302077 viewer ','shared_folders','','account','310001579','resource','7302077','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001579 resource%3A7302112 editor ','shared_folders','','account','310001579','resource','7302112','editor','','{"give": true, "readonly": false, "can_administer": false}','95e626a3-adf3-6484-2120-f794341e62ba','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001579 resource%3A7302140 admin ','shared_folders','','account','310001579','resource','7302140','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001579 resource%3A7302147 viewer ','shared_folders','','account','310001579','resource','7302147','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001609 group%3AEngineering member ','directory','','account','310001609','group','Engineering','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001609 group%3APayroll member ','directory','','account','310001609','group','Payroll','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001609 resource%3A7301965 viewer ','shared_folders','','account','310001609','resource','7301965','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001614 resource%3A7301993 editor ','shared_folders','','account','310001614','resource','7301993','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001614 resource%3A7302042 editor ','shared_folders','','account','310001614','resource','7302042','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001614 role%3Aadmin holder ','directory','','account','310001614','role','admin','holder','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001671 group%3APayroll member ','directory','','account','310001671','group','Payroll','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001671 group%3ASupport member ','directory','','account','310001671','group','Support','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001671 resource%3A7302028 admin ','shared_folders','','account','310001671','resource','7302028','admin','','{"give": true, "readonly": false, "can_administer": true}','959dfebd-a941-9a29-8b04-ed0dc22b4676','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001671 resource%3A7302091 viewer ','shared_folders','','account','310001671','resource','7302091','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001701 group%3AOperations member ','directory','','account','310001701','group','Operations','member','','{}','a9e78c83-5f56-9895-83d2-5aab93be9d0f','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','account%3A310001701 resource%3A7301965 editor ','shared_folders','','account','310001701','resource','7301965','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001701 resource%3A7302035 viewer ','shared_folders','','account','310001701','resource','7302035','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3A310001701 resource%3A7302098 editor ','shared_folders','','account','310001701','resource','7302098','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','account%3Aemail%3Afreelancer%40gmail.example resource%3A7301944 viewer ','shared_folders','','account','email:freelancer@gmail.example','resource','7301944','viewer','','{"give": false, "readonly": true, "can_administer": false}','ff501e4d-7300-c891-efbd-c4768269ee18','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','group%3ASupport%20Tier%202 resource%3A7302070 editor ','shared_folders','','group','Support Tier 2','resource','7302070','editor','','{"give": true, "readonly": true, "can_administer": false}','d4f54bd3-601d-4164-1248-920a3b6ec439','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null);

delete from "grant_history";

delete from "group";

insert into "group" (connection_id, key, collection, scope, name, name_folded, description, extra, content_hash, observed_at, seen_from, missing_run, missing_since) overriding system value values
('lastpass','Engineering','directory','','Engineering','engineering',null,'{}','d5178e6b-2937-0d91-007b-e3de11272a06','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','Finance','directory','','Finance','finance',null,'{}','951289d4-9b89-0b56-10e0-c0c04739e7d8','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','IT','directory','','IT','it',null,'{}','8c8a2820-e29d-c9cb-ab9a-6b56df46401e','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','Legal','directory','','Legal','legal',null,'{}','ae98ac9f-bde8-3c55-619a-d5750847a094','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','On-call','directory','','On-call','on-call',null,'{}','b2e82611-e33a-36f9-84d7-0710a4b2387d','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','Operations','directory','','Operations','operations',null,'{}','620eeee2-a66f-37d8-ad24-1cd2a74f1c85','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','Payroll','directory','','Payroll','payroll',null,'{}','9b122136-7a53-537d-b9c2-9a2c7dd369c2','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','People','directory','','People','people',null,'{}','d83ba9f0-fcde-87ad-ab79-308c61558fb3','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','Platform','directory','','Platform','platform',null,'{}','95d27832-d37d-cd9f-b8f9-978dce49e8f5','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','Sales EMEA','directory','','Sales EMEA','sales emea',null,'{}','b63bed76-993f-7bf9-b2f0-d8356b3f0a53','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','Sales','directory','','Sales','sales',null,'{}','3ac17795-457c-e46b-9292-68705d682966','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','Security','directory','','Security','security',null,'{}','8cbe8866-e0d1-c5e0-2194-80f1179e8b50','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','Support Tier 2','directory','','Support Tier 2','support tier 2',null,'{}','96531c56-bead-0c79-95ab-aeae0ffef71e','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','Support','directory','','Support','support',null,'{}','08dd7d0b-a832-6df1-87ec-e0e283776d47','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','Travel','directory','','Travel','travel',null,'{}','42e7fa5c-ac09-bbc0-0a18-d7ed4d7c7894','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','東京オフィス','directory','','東京オフィス','東京オフィス',null,'{}','2a1abfdb-9e48-dd7b-93df-a33bb57c83f6','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null);

delete from "group_history";

delete from "instance";

insert into "instance" (key, value, updated_at) overriding system value values
('master_key_check','"v1.3fe1ac5296ab4eb5.s0srUHmMwXTpyzHRBTTFMBCZNp6ZAdb3ghE1jcN2lDrA6LvNMmjDZSv7D91NXJINSmVnOix82YLKFFFg.cjHckfq-Ii_ykJFLZ4vV27fTL1JfXVQEhR3fXDXlKod0SknyZhtr8CgLQLPGVh5nAtBsyCB-9hKCgfWko4jX"','2026-11-22 04:03:00.617197+00');

delete from "principal";

insert into "principal" (id, name, email, email_folded, kind, role, disabled_at, created_at, updated_at) overriding system value values
('p_b88a90fa11d1c34ce3','Administrator',null,null,'person','admin',null,'2026-11-22 04:03:01.401+00','2026-11-22 04:03:01.401+00');

delete from "rate_budget";

insert into "rate_budget" (connection_id, functionality, free_at) overriding system value values
('lastpass','default','2026-11-22 04:03:08.063304+00');

delete from "resource";

insert into "resource" (connection_id, key, collection, scope, type, name, name_folded, extra, content_hash, observed_at, seen_from, missing_run, missing_since) overriding system value values
('lastpass','7301944','shared_folders','','shared_folder','Finance/Payroll','finance/payroll','{}','b74bfd8a-d829-a9bb-5686-b965ebf33841','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7301951','shared_folders','','shared_folder','Finance/Banking','finance/banking','{}','23656891-6982-8cac-d652-c2c36e341c94','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7301958','shared_folders','','shared_folder','Finance/Tax','finance/tax','{}','17a8d17f-ba1e-42ad-86d4-520cd142cac1','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7301965','shared_folders','','shared_folder','Engineering/Staging','engineering/staging','{}','6c88cb30-dfa0-402f-8d8d-f1ab3fbfe6ec','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7301972','shared_folders','','shared_folder','Engineering/Production','engineering/production','{}','e07f123d-7ffb-75cb-fe2b-73c258903eb5','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7301979','shared_folders','','shared_folder','Engineering/Code signing','engineering/code signing','{}','52c4183e-1726-24f3-83ba-a9d05ea50a03','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7301986','shared_folders','','shared_folder','Engineering/Build servers','engineering/build servers','{}','53021688-9b5b-7841-5738-e9d6db54f436','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7301993','shared_folders','','shared_folder','Engineering/Test accounts','engineering/test accounts','{}','1f093ffe-0fdf-99cd-4e2a-252aaa8c3322','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302000','shared_folders','','shared_folder','IT/Break-Glass','it/break-glass','{}','991ad5ca-e9fd-0501-0eab-504cebbe20e5','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302007','shared_folders','','shared_folder','IT/Network','it/network','{}','c3acadaa-699e-413f-2784-a98715f01787','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302014','shared_folders','','shared_folder','IT/Printers','it/printers','{}','f999be3f-6053-8309-78c4-b0e989ecac32','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302021','shared_folders','','shared_folder','IT/Domain registrars','it/domain registrars','{}','971964f5-b9a9-88b5-958d-eada660aa057','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302028','shared_folders','','shared_folder','IT/Cloud root accounts','it/cloud root accounts','{}','47b3d02d-f62b-756d-bed2-eb1e42140ecf','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302035','shared_folders','','shared_folder','Security/Scanners','security/scanners','{}','cbc66ece-d1f8-b829-eb8e-6ad8835c938d','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302042','shared_folders','','shared_folder','Security/Certificates','security/certificates','{}','8e33314f-51ef-ff0f-a078-f113cefa9d7e','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302049','shared_folders','','shared_folder','Sales/CRM','sales/crm','{}','a1fc595f-7a4a-6e5a-a6cd-d56c8ca0928c','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302056','shared_folders','','shared_folder','Sales/Partner portals','sales/partner portals','{}','3edaebe1-d5f3-6d52-a49d-c0558d5d6aff','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302063','shared_folders','','shared_folder','Sales/Social media','sales/social media','{}','849be70a-f230-c64b-7df4-50fbaf9338b8','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302070','shared_folders','','shared_folder','Support/Shared inbox','support/shared inbox','{}','3ddb373b-8571-2f23-5cc9-7f181e7b9b86','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302077','shared_folders','','shared_folder','Support/Customer portals','support/customer portals','{}','caa488cc-a86f-e982-9eee-decf5347f87f','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302084','shared_folders','','shared_folder','Support/Remote access','support/remote access','{}','47986c7f-ce80-b128-39fe-0ae7a0c490d4','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302091','shared_folders','','shared_folder','People/Recruiting','people/recruiting','{}','040f9759-c902-85a4-5e3f-a207ab109588','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302098','shared_folders','','shared_folder','People/Benefits','people/benefits','{}','df6ba74b-7828-93cf-056a-ab37d96fd449','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302105','shared_folders','','shared_folder','Legal/Contracts','legal/contracts','{}','50496591-dd91-52db-6f06-22bd4eb4e8d4','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302112','shared_folders','','shared_folder','Legal/Registers','legal/registers','{}','e9708ec4-d304-349c-ced3-ca83c4370be1','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302119','shared_folders','','shared_folder','Operations/Suppliers','operations/suppliers','{}','80b5e3c8-2400-1d35-f8e3-bd185340b209','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302126','shared_folders','','shared_folder','Operations/Carriers','operations/carriers','{}','1142c1bb-bc0f-f542-3592-28666ba64125','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302133','shared_folders','','shared_folder','Operations/Warehouse','operations/warehouse','{}','a692e0d8-9027-45f1-ccb0-e434c0995218','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302140','shared_folders','','shared_folder','Café/Lieferanten','café/lieferanten','{}','7c3c6474-fe25-4454-789c-ec5a12eb0244','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302147','shared_folders','','shared_folder','東京/取引先','東京/取引先','{}','6e115350-df52-d4a6-7512-2e369ac0b790','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null),
('lastpass','7302154','shared_folders','','shared_folder','Travel','travel','{}','b408a3fd-3d01-4045-7628-a40fa96ec8a0','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.101+00',null,null);

delete from "resource_history";

delete from "resource_volatile";

insert into "resource_volatile" (connection_id, key, volatile_extra, raw, volatile_hash) overriding system value values
('lastpass','7301944','{"score": 76}','{"sharedfoldername":"Finance/Payroll","score":76,"deleted":false}','dd5ee40c-9623-a2ad-402f-caadaf9e2d27'),
('lastpass','7301951','{"score": 0}','{"sharedfoldername":"Finance/Banking","score":0,"deleted":false}','a2a8cd20-6f03-a804-b20e-b09625b07cd5'),
('lastpass','7301958','{"score": 100}','{"sharedfoldername":"Finance/Tax","score":100,"deleted":false}','096f2f9f-9076-0f85-1a6c-f10c572ae66e'),
('lastpass','7301965','{"score": 93}','{"sharedfoldername":"Engineering/Staging","score":93,"deleted":false}','e82540f7-f0f9-092a-09ac-91972d7b5f85'),
('lastpass','7301972','{"score": 72}','{"sharedfoldername":"Engineering/Production","score":72,"deleted":false}','98f1fa1d-2f19-818a-21f6-dbee9a63a388'),
('lastpass','7301979','{"score": 94}','{"sharedfoldername":"Engineering/Code signing","score":94,"deleted":false}','98f1a245-bc16-3bbc-e153-ce7eed4eeab6'),
('lastpass','7301986','{"score": 74}','{"sharedfoldername":"Engineering/Build servers","score":74,"deleted":false}','51d85928-b198-303a-f474-cd789663c6e9'),
('lastpass','7301993','{"score": 99}','{"sharedfoldername":"Engineering/Test accounts","score":99,"deleted":false}','682b68f6-6b96-13b4-fd9e-344e66eeab6e'),
('lastpass','7302000','{"score": 47}','{"sharedfoldername":"IT/Break-Glass","score":47,"deleted":false}','bbd0dcc5-3a04-f1f0-d207-e9b2c03893e3'),
('lastpass','7302007','{"score": 60}','{"sharedfoldername":"IT/Network","score":60,"deleted":false}','75b58aad-168d-7581-d229-a057ab646d6b'),
('lastpass','7302014','{"score": 62}','{"sharedfoldername":"IT/Printers","score":62,"deleted":false}','c1c1c746-c350-f994-35e8-b22d011dfa3d'),
('lastpass','7302021','{"score": 21}','{"sharedfoldername":"IT/Domain registrars","score":21,"deleted":false}','c5932f2b-cc0d-beae-5ccd-6b4fe615ddbf'),
('lastpass','7302028','{"score": 29}','{"sharedfoldername":"IT/Cloud root accounts","score":29,"deleted":false}','8792ee5f-0258-b85c-8493-9b4a3789df7d'),
('lastpass','7302035','{"score": 62}','{"sharedfoldername":"Security/Scanners","score":62,"deleted":false}','9deee97b-b156-23ee-d285-e26a0a898833'),
('lastpass','7302042','{"score": 89}','{"sharedfoldername":"Security/Certificates","score":89,"deleted":false}','3b5e3726-5a5d-e279-5fd0-ca4981eab665'),
('lastpass','7302049','{"score": 52}','{"sharedfoldername":"Sales/CRM","score":52,"deleted":false}','e700d118-9a89-6558-18c8-8ce40b897dd8'),
('lastpass','7302056','{"score": 42}','{"sharedfoldername":"Sales/Partner portals","score":42,"deleted":false}','f0d85b1c-71bf-b81e-d41e-49c578b864e8'),
('lastpass','7302063','{"score": 50}','{"sharedfoldername":"Sales/Social media","score":50,"deleted":false}','b3b8759c-90b7-d33b-8354-2cc1df0b6d00'),
('lastpass','7302070','{"score": 94}','{"sharedfoldername":"Support/Shared inbox","score":94,"deleted":false}','d6333347-cf99-2aa9-d91d-6e7addfe6238'),
('lastpass','7302077','{"score": 23}','{"sharedfoldername":"Support/Customer portals","score":23,"deleted":false}','6ea7a9e2-5346-6ac4-b97e-9fc9f86222ef'),
('lastpass','7302084','{"score": 49}','{"sharedfoldername":"Support/Remote access","score":49,"deleted":false}','58e1dcc4-8278-bce4-b10d-6bc3a380c0ea'),
('lastpass','7302091','{"score": 4}','{"sharedfoldername":"People/Recruiting","score":4,"deleted":false}','42402399-ce7e-8c3c-c492-b942124d930f'),
('lastpass','7302098','{"score": 54}','{"sharedfoldername":"People/Benefits","score":54,"deleted":false}','fc0fa317-7ac1-a2d9-a249-48d57f4d1110'),
('lastpass','7302105','{"score": 97}','{"sharedfoldername":"Legal/Contracts","score":97,"deleted":false}','3833e36d-4f66-af3d-73df-dd1a84f827dc'),
('lastpass','7302112','{"score": 63}','{"sharedfoldername":"Legal/Registers","score":63,"deleted":false}','4baa6b8b-c24e-c2d6-4758-b9c2a5810314'),
('lastpass','7302119','{"score": 78}','{"sharedfoldername":"Operations/Suppliers","score":78,"deleted":false}','d94d9b1d-cde5-b9fd-a12d-c9f44f66918a'),
('lastpass','7302126','{"score": 51}','{"sharedfoldername":"Operations/Carriers","score":51,"deleted":false}','88021eb1-7e0f-9b58-e1ac-23a4376acc09'),
('lastpass','7302133','{"score": 17}','{"sharedfoldername":"Operations/Warehouse","score":17,"deleted":false}','fe798854-080f-e32d-454b-1a0ac725ccdc'),
('lastpass','7302140','{"score": 36}','{"sharedfoldername":"Café/Lieferanten","score":36,"deleted":false}','4807cdbe-ed06-81bb-846c-d6ff00f4fa3d'),
('lastpass','7302147','{"score": 56}','{"sharedfoldername":"東京/取引先","score":56,"deleted":false}','43d51e14-f29e-156c-a1bd-667224305d9c'),
('lastpass','7302154','{"score": 80}','{"sharedfoldername":"Travel","score":80,"deleted":false}','ddae207c-5550-db7e-ff0b-cb2bff7e2205');

delete from "role";

insert into "role" (connection_id, key, collection, scope, name, description, type, extra, content_hash, observed_at, seen_from, missing_run, missing_since) overriding system value values
('lastpass','admin','directory','','Admin','Administrator of the LastPass company','admin','{}','4d4da038-efba-5538-fda0-017dc6106c4c','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null),
('lastpass','basic','directory','','Basic','User without administrator rights','basic','{}','48d2efc9-3e1c-b68c-fb57-e699b47d2948','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.729+00',null,null);

delete from "role_history";

delete from "schema_migration";

insert into "schema_migration" (id, checksum, applied_at) overriding system value values
('0001_access','388f9d3dedc9fe24e730d326b6854a16cb8f3d51958ac82f97018b6464d58f34','2026-11-22 04:03:00.482044+00'),
('0002_snapshot','9e8cfe0d5af3ba6877794bdd0abfbea917d0a5083fa92417edcc239082d17bde','2026-11-22 04:03:00.607949+00');

delete from "secret";

insert into "secret" (owner, name, sealed, created_at) overriding system value values
('connection:lastpass','provisioning_hash','v1.3fe1ac5296ab4eb5.kBh-ZmhsC4DE0QySBut5tGHTLtRe0RlUf2_6B6DpYeUWxY2SoHs9pj2QlgK6gf9STTANZRV1H48_Hq0J.AbdWKC2Cf4NkxaCTfwAzMUi-AhcZzdM6enCkaVYCZm6e08y2NwJSbzkuQnbiL5aXGFUbH_jKNN6iuuJYLRCVm2v-oxUpE62Ep6OBjZMFB5mnuseAKNF8kArt5Z4','2026-11-22 04:03:02.539951+00');

delete from "staged_account";

delete from "staged_grant";

delete from "staged_group";

delete from "staged_page";

insert into "staged_page" (run_id, collection, scope, kind, page, observed_at, keys, hashes, staged) overriding system value values
('0b0ae7fd-bff7-4219-a1c9-34bd221c67f8','directory','','account','0','2026-11-22 04:03:07.639+00','{310000020,310000034,310000069,310000098,310000144,310000167,310000186,310000233,310000262,310000305,310000340,310000361,310000378,310000416,310000437,310000491,310000518,310000548,310000586,310000602,310000632,310000675,310000707,310000717,310000747,310000780,310000835,310000849,310000896,310000904,310000959,310000990,310001007,310001037,310001054,310001109,310001133,310001170,310001178,310001220,310001248,310001271,310001302,310001334,310001389,310001410,310001451,310001461,310001514,310001544,310001579,310001609,310001614,310001671,310001701,invited:priya.raman@northwind.example,invited:аda.okonkwo@northwind.example,invited:bo-ra.kwon@northwind.example,invited:lurdes.magalhaes@northwind.example,invited:tadhg.quinn@northwind.example}','{c3319a7f-408c-4cdc-770b-e3627aec3f7b,73fcc48d-6a45-4f7a-ff5c-41681bfccdab,c5a17d32-67c8-1cd8-8d92-f5c355828728,4e01f0a1-fe75-2403-9fa0-af966f7ff7b3,31fb5bc8-169a-818f-5c0d-8ac9a3009d6f,1a3aa9fd-7826-c112-1b24-da88dcaf0c1d,dde259a3-06e6-2d91-8941-3176e6bbff72,7d3887ae-fb31-7b6f-b689-00ece4847c88,01e0f925-63d1-67f0-ffbf-9af31d8219ba,1a814e26-5589-a586-8ed0-8c4afc95415d,52a1c845-1660-11c4-0d20-db7272f7e70e,7c13c604-d71d-d7d5-8734-6de8011c0047,415efead-663b-561e-069f-f103abed4105,c5282cee-8406-0204-ff5b-b7cbeaf8c34f,830dd5c4-b7ab-018f-bacc-c6ff80ca739a,71d56e05-ab27-9ea8-10f3-78d0ab44501c,3e2fd308-d02e-918b-9ed2-f6fd1aa4632a,4c9aa579-9daf-3026-f4dd-b0b5dea7c484,11cdebef-d1c0-b25a-0f36-11bf05e4985a,d0242ccb-5287-d806-7f8b-6fbeb1c3a06c,02585621-654e-cf24-6200-7b22eb48c93e,286941b4-16bc-9609-74db-fe7ec4f0d23e,4d750f9d-f631-f598-c2cc-4e76e12fc3be,5ab32400-6893-63cd-de1a-6d51b2d950ae,75c16687-3b50-2b97-a116-125a0210a056,c61419aa-338b-33f8-5428-066f4ea10fa2,9796e1e3-85fb-e571-d9a8-1d7632f5b00b,341a7fcb-5436-31fe-38de-3ac32f44adf8,55c79eb9-b8fc-4a2b-a3a2-13f5fefafb46,52d5fa79-3f95-e351-07b3-8d3478f0561b,202270f5-fb60-4100-5f25-00f6fd9beff4,9c40e2b8-b48a-a1bc-91b8-77d19aaf0097,39689193-7979-dec5-b670-7c369847dbc7,c26ca303-a14d-6782-8137-63b1f5af77be,c8d4de88-da59-5b64-96d1-2b1297594c10,d7ac752a-0cdb-20a4-a3a0-fc6ade9d3ed4,2371b481-71a1-0a9d-98eb-7e8a5aa3c852,dfd642a9-a8f7-8380-fb52-deb2d5766246,042864ac-9a28-54d8-e876-96a98beb61df,f3e7ba3f-4cb6-52e3-cd8f-e107923e623a,fcff861e-0ee0-f8f5-1d1d-f0039d7cead5,270ce4ed-9e58-f453-91c2-e4ef3361b69a,ecb9ffeb-755b-399c-02f3-5f488d73b90e,46011ef7-9903-2a7f-8c64-6f46a84cb7d5,3a9be165-e490-46aa-68f0-c49175e5965a,ccdac334-f945-8065-a523-54eaa34285b1,0b3e556d-10fc-c5a1-ec54-afceb7ac0ddf,0844e494-2b8a-24af-6fcf-d75d04706507,a5a2ec80-0ca2-c945-c531-5be815db0691,f93a9c3b-ee5a-b08a-b7a5-3c92f9b775e1,b95122d8-4a95-3b0b-712b-d14554f792ab,11dbe0e6-6d1e-aabd-0134-30173c34cf88,164e713d-e4d3-e9dc-e133-8ba1b0c4fa2b,e342578e-e0a1-c755-a547-4e0860bd8c43,cc1cd3a5-6249-9f07-64d6-6922b736dfa3,6fe6301f-9f7e-3b51-5090-ea928812a579,fccfa7ed-667b-907c-6928-458628162e5b,b3c6de88-e15e-7c8d-45d2-cd5fb2dd2b15,1faed049-eea1-9ba6-9f6a-96345efc6013,3f21b69d-14c3-0185-c135-fc89291a1f67}','0'),
('0b0ae7fd-bff7-4219-a1c9-34bd221c67f8','directory','','grant','0','2026-11-22 04:03:07.639+00','{"account%3A310000020 group%3AIT member ","account%3A310000020 group%3APlatform member ","account%3A310000020 role%3Aadmin holder ","account%3A310000034 group%3AIT member ","account%3A310000034 group%3AOn-call member ","account%3A310000034 role%3Aadmin holder ","account%3A310000069 group%3ASecurity member ","account%3A310000069 role%3Aadmin holder ","account%3A310000098 group%3AFinance member ","account%3A310000098 group%3APayroll member ","account%3A310000144 group%3ALegal member ","account%3A310000167 group%3ASales member ","account%3A310000167 group%3ASales%20EMEA member ","account%3A310000186 group%3ASupport member ","account%3A310000186 group%3ASupport%20Tier%202 member ","account%3A310000233 group%3AFinance member ","account%3A310000262 group%3ASales member ","account%3A310000262 group%3ATravel member ","account%3A310000305 group%3AEngineering member ","account%3A310000340 group%3AOperations member ","account%3A310000361 group%3AEngineering member ","account%3A310000361 group%3APlatform member ","account%3A310000361 group%3AOn-call member ","account%3A310000378 group%3ASupport member ","account%3A310000378 group%3A%E6%9D%B1%E4%BA%AC%E3%82%AA%E3%83%95%E3%82%A3%E3%82%B9 member ","account%3A310000416 group%3AEngineering member ","account%3A310000416 group%3ASupport member ","account%3A310000416 group%3ASupport%20Tier%202 member ","account%3A310000437 group%3AFinance member ","account%3A310000437 group%3APayroll member ","account%3A310000491 group%3AOperations member ","account%3A310000518 role%3Aadmin holder ","account%3A310000548 group%3AOperations member ","account%3A310000586 group%3AEngineering member ","account%3A310000586 group%3APlatform member ","account%3A310000602 group%3ASales member ","account%3A310000602 group%3APlatform member ","account%3A310000632 group%3ASupport member ","account%3A310000675 group%3AEngineering member ","account%3A310000707 group%3AOperations member ","account%3A310000717 group%3AFinance member ","account%3A310000747 group%3AEngineering member ","account%3A310000780 group%3ASales member ","account%3A310000835 group%3AIT member ","account%3A310000849 group%3ASupport member ","account%3A310000896 group%3AEngineering member ","account%3A310000896 group%3AOn-call member ","account%3A310000904 group%3ASecurity member ","account%3A310000990 group%3AEngineering member ","account%3A310001007 group%3APeople member ","account%3A310001054 group%3AOperations member ","account%3A310001109 group%3AEngineering member ","account%3A310001133 group%3ALegal member ","account%3A310001133 group%3APlatform member ","account%3A310001170 group%3ASales member ","account%3A310001178 group%3AEngineering member ","account%3A310001178 group%3A%E6%9D%B1%E4%BA%AC%E3%82%AA%E3%83%95%E3%82%A3%E3%82%B9 member ","account%3A310001220 group%3ASales member ","account%3A310001220 role%3Aadmin holder ","account%3A310001248 group%3ASupport member ","account%3A310001248 group%3APayroll member ","account%3A310001271 group%3AEngineering member ","account%3A310001302 group%3AOperations member ","account%3A310001334 group%3AFinance member ","account%3A310001389 group%3AEngineering member ","account%3A310001410 group%3ASales member ","account%3A310001451 group%3AIT member ","account%3A310001514 group%3AEngineering member ","account%3A310001544 group%3ASecurity member ","account%3A310001544 group%3APlatform member ","account%3A310001579 group%3ASales member ","account%3A310001609 group%3AEngineering member ","account%3A310001609 group%3APayroll member ","account%3A310001614 role%3Aadmin holder ","account%3A310001671 group%3ASupport member ","account%3A310001671 group%3APayroll member ","account%3A310001701 group%3AOperations member "}','{a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f,a9e78c83-5f56-9895-83d2-5aab93be9d0f}','0'),
('0b0ae7fd-bff7-4219-a1c9-34bd221c67f8','directory','','group','0','2026-11-22 04:03:07.639+00','{IT,Platform,On-call,Security,Finance,Payroll,Legal,Sales,"Sales EMEA",Support,"Support Tier 2",Travel,Engineering,Operations,東京オフィス,People}','{8c8a2820-e29d-c9cb-ab9a-6b56df46401e,95d27832-d37d-cd9f-b8f9-978dce49e8f5,b2e82611-e33a-36f9-84d7-0710a4b2387d,8cbe8866-e0d1-c5e0-2194-80f1179e8b50,951289d4-9b89-0b56-10e0-c0c04739e7d8,9b122136-7a53-537d-b9c2-9a2c7dd369c2,ae98ac9f-bde8-3c55-619a-d5750847a094,3ac17795-457c-e46b-9292-68705d682966,b63bed76-993f-7bf9-b2f0-d8356b3f0a53,08dd7d0b-a832-6df1-87ec-e0e283776d47,96531c56-bead-0c79-95ab-aeae0ffef71e,42e7fa5c-ac09-bbc0-0a18-d7ed4d7c7894,d5178e6b-2937-0d91-007b-e3de11272a06,620eeee2-a66f-37d8-ad24-1cd2a74f1c85,2a1abfdb-9e48-dd7b-93df-a33bb57c83f6,d83ba9f0-fcde-87ad-ab79-308c61558fb3}','0'),
('0b0ae7fd-bff7-4219-a1c9-34bd221c67f8','directory','','role','0','2026-11-22 04:03:07.639+00','{admin,basic}','{4d4da038-efba-5538-fda0-017dc6106c4c,48d2efc9-3e1c-b68c-fb57-e699b47d2948}','0');

delete from "staged_resource";

delete from "staged_role";

delete from "sync_collection";

insert into "sync_collection" (run_id, collection, scope, ordinal, state, checkpoint, checkpoint_at, started_at, finished_at, pages, records, seen, staged, total, restarts, reason) overriding system value values
('042194c9-5e4b-435d-9158-d43e963cd489','directory','','0','complete','{"seen": 55, "total": 55, "pageSize": 1000, "pageIndex": 1}','2026-11-22 04:03:05.673+00','2026-11-22 04:03:05.672+00','2026-11-22 04:03:06+00','1','155','60','3','55','0',null),
('042194c9-5e4b-435d-9158-d43e963cd489','shared_folders','','1','complete','null','2026-11-22 04:03:06.003+00','2026-11-22 04:03:06.002+00','2026-11-22 04:03:06.324+00','1','177','31','0',null,'0',null),
('0b0ae7fd-bff7-4219-a1c9-34bd221c67f8','directory','','0','complete','{"seen": 55, "total": 55, "pageSize": 1000, "pageIndex": 1}','2026-11-22 04:03:07.639+00','2026-11-22 04:03:07.638+00','2026-11-22 04:03:07.961+00','1','155','60','0','55','0',null),
('0b0ae7fd-bff7-4219-a1c9-34bd221c67f8','shared_folders','','1','pulling',null,null,'2026-11-22 04:03:07.962+00',null,'0','0','0','0',null,'0',null),
('5588f693-08c1-4e2f-9953-8c14777e3767','directory','','0','complete','{"seen": 55, "total": 55, "pageSize": 1000, "pageIndex": 1}','2026-11-22 04:03:03.729+00','2026-11-22 04:03:03.727+00','2026-11-22 04:03:04.091+00','1','155','60','155','55','0',null),
('5588f693-08c1-4e2f-9953-8c14777e3767','shared_folders','','1','complete','null','2026-11-22 04:03:04.101+00','2026-11-22 04:03:04.096+00','2026-11-22 04:03:04.443+00','1','177','31','177',null,'0',null);

delete from "sync_run";

insert into "sync_run" (id, connection_id, state, requested_by, is_baseline, is_confirmed, confirmed_by, cancel_requested, attempt, requested_at, started_at, pulled_at, finished_at, mapping_version, anomalies, changes, error) overriding system value values
('042194c9-5e4b-435d-9158-d43e963cd489','lastpass','succeeded','Administrator','false','false',null,'false','1','2026-11-22 04:03:04.532+00','2026-11-22 04:03:04.727+00','2026-11-22 04:03:06.325+00','2026-11-22 04:03:06.365+00','1','[]','{"added": 0, "counts": {"role": 2, "grant": 223, "group": 16, "account": 60, "resource": 31}, "events": 3, "by_kind": {"role": {"added": 0, "missing": 0, "removed": 0, "updated": 0}, "grant": {"added": 0, "missing": 0, "removed": 0, "updated": 0}, "group": {"added": 0, "missing": 0, "removed": 0, "updated": 0}, "account": {"added": 0, "missing": 0, "removed": 0, "updated": 3}, "resource": {"added": 0, "missing": 0, "removed": 0, "updated": 0}}, "missing": 0, "removed": 0, "updated": 3}',null),
('0b0ae7fd-bff7-4219-a1c9-34bd221c67f8','lastpass','running','Administrator','false','false',null,'false','1','2026-11-22 04:03:06.396+00','2026-11-22 04:03:06.716+00',null,null,'1','[]',null,null),
('5588f693-08c1-4e2f-9953-8c14777e3767','lastpass','succeeded','Administrator','true','false',null,'false','1','2026-11-22 04:03:02.589+00','2026-11-22 04:03:02.775+00','2026-11-22 04:03:04.444+00','2026-11-22 04:03:04.471+00','1','[]','{"added": 332, "counts": {"role": 2, "grant": 223, "group": 16, "account": 60, "resource": 31}, "events": 1, "by_kind": {"role": {"added": 2, "missing": 0, "removed": 0, "updated": 0}, "grant": {"added": 223, "missing": 0, "removed": 0, "updated": 0}, "group": {"added": 16, "missing": 0, "removed": 0, "updated": 0}, "account": {"added": 60, "missing": 0, "removed": 0, "updated": 0}, "resource": {"added": 31, "missing": 0, "removed": 0, "updated": 0}}, "missing": 0, "removed": 0, "updated": 0}',null);

delete from "token";

insert into "token" (id, principal_id, name, hash, hint, role, connections, created_at, created_by, expires_at, last_used_at, revoked_at) overriding system value values
('t_b00d84662be9d88260','p_b88a90fa11d1c34ce3','CLI on host.example',E'\\x2dce59a65d94156bfb4b30d69ce541823961d2a6854d63b84ace0345a5ce023f','ush_I7jw','admin',null,'2026-11-22 04:03:01.433+00',null,null,'2026-11-22 04:03:01.502+00',null),
('t_b77bfb5794ee3a2c1b','p_b88a90fa11d1c34ce3','of the release',E'\\x9e943156b4ac21d07a3061d8785cedca21a69dc6fadaf4fddbbd6ccd51127b23','ush_lr7Z','admin',null,'2026-11-22 04:03:02.566+00','p_b88a90fa11d1c34ce3',null,null,null);

select setval('public.change_event_id_seq', 4);

set session_replication_role = origin;
