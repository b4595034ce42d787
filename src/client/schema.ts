// Made by scripts/generate-client.ts from the OpenAPI document; run it again after a change of the API.

export interface paths {
  '/actions': {
    /** List actions, by connector */
    get: {
      parameters: {
        query?: {
          filter?: {
            /** Comma list of connections: one entry for each. */
            account_ids?: string;
            /** Comma list of connectors. */
            connectors?: string;
            /** Only this action. */
            action_key?: string;
          };
          group_by?: 'connector' | '["connector"]';
          include?: string;
          exclude?: 'actions';
          search?: string;
          page_size?: number | string;
          next?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['ConnectorActions'][];
              next: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/json': components['schemas']['UnifiedError'];
          };
        };
        '5XX': {
          content: {
            'application/json': components['schemas']['UnifiedError'];
          };
        };
      };
    };
  };
  '/actions/build': {
    /** Build the search index (nothing to do) */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            /** Counts only the actions of this connector. */
            connector_key?: string | null;
            /** Ignored: the index is always fresh. */
            force_refresh?: boolean | null;
          };
        };
      };
      responses: {
        200: {
          content: {
            'application/json': {
              status: 'success';
              actions_indexed: number;
              message: string;
            };
          };
        };
        '4XX': {
          content: {
            'application/json': components['schemas']['UnifiedError'];
          };
        };
        '5XX': {
          content: {
            'application/json': components['schemas']['UnifiedError'];
          };
        };
      };
    };
  };
  '/actions/rpc': {
    /** Call an action */
    post: {
      parameters: {
        query?: {
          'x-account-id'?: string;
          account_id?: string;
          dry_run?: boolean | 'true' | 'false';
          sync?: string;
          debug?: string;
        };
        header?: {
          'x-account-id'?: string;
          'idempotency-key'?: string;
        };
        path?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            /** Id of the action; GET /actions lists them. */
            action: string;
            path?: Record<string, unknown> | null;
            query?: Record<string, unknown> | null;
            /** `x-account-id`, for clients that send no HTTP header. */
            headers?: Record<string, unknown> | null;
            body?: Record<string, unknown> | null;
            /** Only shows the call to the app, or the plan, that would be made; secrets masked. */
            dry_run?: boolean;
            /** Ignored. */
            defender_config?: Record<string, unknown> | null;
          };
        };
      };
      responses: {
        200: {
          content: {
            'application/json': {
              data: unknown;
              next: string | null;
              /** With `dry_run` of a reading action: the exact call, secrets masked. */
              preview?: {
                method: string;
                url: string;
                headers: Record<string, string>;
                body: string | null;
              };
              plan?: components['schemas']['Plan'];
            };
          };
        };
        '4XX': {
          content: {
            'application/json': components['schemas']['UnifiedError'];
          };
        };
        '5XX': {
          content: {
            'application/json': components['schemas']['UnifiedError'];
          };
        };
      };
    };
  };
  '/actions/search': {
    /** Search actions by what they do, best first */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            /** What you want to do, in words; typing errors are forgiven. */
            query: string;
            /** Only actions of this connector. */
            connector?: string | null;
            /** Results at most; default 10. */
            top_k?: number | null;
            /** Leaves weaker results out; default 0. */
            min_similarity?: number | null;
            /** Ignored: the catalogue is the same for all. */
            project_id?: string | null;
          };
        };
      };
      responses: {
        200: {
          content: {
            'application/json': {
              results: components['schemas']['ActionSearchResult'][];
              total_count: number;
              query: string;
              connector_filter?: string;
              project_filter?: string;
            };
          };
        };
        '4XX': {
          content: {
            'application/json': components['schemas']['UnifiedError'];
          };
        };
        '5XX': {
          content: {
            'application/json': components['schemas']['UnifiedError'];
          };
        };
      };
    };
  };
  '/actions/{id}': {
    /** Show an action */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Action'];
          };
        };
        '4XX': {
          content: {
            'application/json': components['schemas']['UnifiedError'];
          };
        };
        '5XX': {
          content: {
            'application/json': components['schemas']['UnifiedError'];
          };
        };
      };
    };
  };
  '/v1/accounts': {
    /** List accounts */
    get: {
      parameters: {
        query?: {
          page_size?: number | string;
          next?: string;
          connection?: string;
          status?: 'invited' | 'pending' | 'active' | 'disabled';
          role?: string;
          mfa?: 'none' | 'some' | 'unknown';
          email?: string;
          search?: string;
          group?: string;
          as_of?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['Account'][];
              next: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/accounts/{connection}/{key}': {
    /** Show an account */
    get: {
      parameters: {
        query?: {
          as_of?: string;
          raw?: boolean;
        };
        header?: never;
        path: {
          connection: string;
          key: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['AccountDetail'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/accounts/{connection}/{key}/mark': {
    /** Show the mark of an account */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          connection: string;
          key: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Mark'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    /** Mark an account */
    patch: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          connection: string;
          key: string;
        };
      };
      requestBody: {
        content: {
          'application/json': {
            is_protected?: boolean;
            is_service?: boolean;
            owner?: string | null;
            ignored_until?: string | null;
            note?: string | null;
          };
        };
      };
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Mark'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/audit': {
    /** List what Usher did, refused and was told */
    get: {
      parameters: {
        query?: {
          kind?: 'access' | 'login' | 'connection' | 'sync' | 'read' | 'guard' | 'plan' | 'run' | 'change' | 'secret' | 'request' | 'denied' | 'instance' | 'audit';
          outcome?: 'ok' | 'denied' | 'failed';
          actor?: string;
          connection?: string;
          subject?: string;
          plan?: string;
          run?: string;
          since?: string;
          until?: string;
          page_size?: number | string;
          next?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['AuditEntry'][];
              next: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/audit/export': {
    /** Export the audit log as CSV */
    get: {
      parameters: {
        query?: {
          kind?: 'access' | 'login' | 'connection' | 'sync' | 'read' | 'guard' | 'plan' | 'run' | 'change' | 'secret' | 'request' | 'denied' | 'instance' | 'audit';
          outcome?: 'ok' | 'denied' | 'failed';
          actor?: string;
          connection?: string;
          subject?: string;
          plan?: string;
          run?: string;
          since?: string;
          until?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'text/csv': string;
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/audit/verify': {
    /** Verify the audit log */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['AuditVerdict'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/connections': {
    /** List connections */
    get: {
      parameters: {
        query?: {
          page_size?: number | string;
          next?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['Connection'][];
              next: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    /** Connect an app */
    post: {
      parameters: {
        query?: {
          dry_run?: boolean;
        };
        header?: never;
        path?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            id?: string;
            connector: string;
            settings?: Record<string, unknown>;
            secrets?: Record<string, unknown>;
            /** Seconds between syncs; null: only when asked. */
            schedule_seconds?: number | null;
          };
        };
      };
      responses: {
        200: {
          content: {
            'application/json': {
              id: string;
              connector: string;
              title: string;
              /** Without secrets. */
              settings: Record<string, unknown>;
              state: 'active' | 'paused';
              paused_reason: string | null;
              capabilities: string[];
              tenant: {
                id: string;
                name: string;
              } | null;
              schedule_seconds: number | null;
              next_sync_at: string | null;
              /** When the first complete pull was committed. */
              baselined_at: string | null;
              last_sync: {
                run_id: string;
                state: string;
                finished_at: string | null;
              } | null;
              /** How fresh the oldest part of the snapshot is. */
              snapshot_at: string | null;
              counts: {
                account: number;
                group: number;
                role: number;
                resource: number;
                grant: number;
                credential: number;
              };
              /** What is left of the budgets the app grants, where it grants any. */
              budgets: {
                functionality: string;
                /** Calls at once after a rest. */
                limit: number;
                left: number;
                /** Until all of it is there again. */
                reset_seconds: number;
                /** ISO 8601, UTC. */
                as_of: string;
              }[];
              /** ISO 8601, UTC. */
              created_at: string;
              /** ISO 8601, UTC. */
              updated_at: string;
              probe: components['schemas']['Probe'];
            };
          };
        };
        201: {
          content: {
            'application/json': {
              id: string;
              connector: string;
              title: string;
              /** Without secrets. */
              settings: Record<string, unknown>;
              state: 'active' | 'paused';
              paused_reason: string | null;
              capabilities: string[];
              tenant: {
                id: string;
                name: string;
              } | null;
              schedule_seconds: number | null;
              next_sync_at: string | null;
              /** When the first complete pull was committed. */
              baselined_at: string | null;
              last_sync: {
                run_id: string;
                state: string;
                finished_at: string | null;
              } | null;
              /** How fresh the oldest part of the snapshot is. */
              snapshot_at: string | null;
              counts: {
                account: number;
                group: number;
                role: number;
                resource: number;
                grant: number;
                credential: number;
              };
              /** What is left of the budgets the app grants, where it grants any. */
              budgets: {
                functionality: string;
                /** Calls at once after a rest. */
                limit: number;
                left: number;
                /** Until all of it is there again. */
                reset_seconds: number;
                /** ISO 8601, UTC. */
                as_of: string;
              }[];
              /** ISO 8601, UTC. */
              created_at: string;
              /** ISO 8601, UTC. */
              updated_at: string;
              probe: components['schemas']['Probe'];
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/connections/{connection}': {
    /** Show a connection */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          connection: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Connection'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    /** Remove a connection */
    delete: {
      parameters: {
        query?: {
          confirm?: string;
        };
        header?: never;
        path: {
          connection: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Removal'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    /** Edit a connection */
    patch: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          connection: string;
        };
      };
      requestBody: {
        content: {
          'application/json': {
            settings?: Record<string, unknown>;
            secrets?: Record<string, unknown>;
            /** Seconds between syncs; null: only when asked. */
            schedule_seconds?: number | null;
            state?: 'active' | 'paused';
          };
        };
      };
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Connection'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/connections/{connection}/credentials': {
    /** List the credentials of a connection */
    get: {
      parameters: {
        query?: {
          page_size?: number | string;
          next?: string;
          owner?: string;
          type?: string;
          enabled?: boolean;
          search?: string;
          as_of?: string;
        };
        header?: never;
        path: {
          connection: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['Credential'][];
              next: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/connections/{connection}/credentials/{key}': {
    /** Show a credential */
    get: {
      parameters: {
        query?: {
          as_of?: string;
          raw?: boolean;
        };
        header?: never;
        path: {
          connection: string;
          key: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['CredentialDetail'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/connections/{connection}/drift': {
    /** Where the app answers other than its connector knows */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          connection: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['Drift'][];
              next: null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/connections/{connection}/marks': {
    /** List the marks of a connection */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          connection: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['Mark'][];
              next: null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/connections/{connection}/policy': {
    /** Show the thresholds of a connection */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          connection: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Policy'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    /** Set thresholds of a connection */
    patch: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          connection: string;
        };
      };
      requestBody: {
        content: {
          'application/json': {
            window_minutes?: number | null;
            approval_above_subjects?: number | null;
            stop_above_subjects?: number | null;
            stop_above_percent?: number | null;
            max_snapshot_age_hours?: number | null;
            plan_days?: number | null;
          };
        };
      };
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Policy'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/connections/{connection}/removal': {
    /** What removing a connection would take away */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          connection: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Removal'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/connections/{connection}/syncs': {
    /** List the syncs of a connection, newest first */
    get: {
      parameters: {
        query?: {
          page_size?: number | string;
          next?: string;
        };
        header?: never;
        path: {
          connection: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['SyncRun'][];
              next: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    /** Sync a connection */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          connection: string;
        };
      };
      requestBody?: never;
      responses: {
        202: {
          content: {
            'application/json': {
              run: components['schemas']['SyncRun'];
              joined: boolean;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/connections/{connection}/syncs/confirm': {
    /** Confirm the paused sync of a connection */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          connection: string;
        };
      };
      requestBody?: never;
      responses: {
        202: {
          content: {
            'application/json': {
              run: components['schemas']['SyncRun'];
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/connections/{connection}/test': {
    /** Try the credentials of a connection */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          connection: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              probe: components['schemas']['Probe'];
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/connectors': {
    /** List connectors */
    get: {
      parameters: {
        query?: {
          page_size?: number | string;
          next?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['Connector'][];
              next: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/events': {
    /** Read the feed of events */
    get: {
      parameters: {
        query?: {
          after?: string;
          last?: number | string;
          connection?: string;
          type?: string;
          source?: 'sync' | 'usher' | 'app';
          page_size?: number | string;
          wait?: number | string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['Event'][];
              next: string;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/figures': {
    /** How much of what there is */
    get: {
      parameters: {
        query?: {
          connection?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Figures'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/grants': {
    /** List grants */
    get: {
      parameters: {
        query?: {
          page_size?: number | string;
          next?: string;
          connection?: string;
          account?: string;
          group?: string;
          resource?: string;
          role?: string;
          as_of?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['Grant'][];
              next: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/groups': {
    /** List groups */
    get: {
      parameters: {
        query?: {
          page_size?: number | string;
          next?: string;
          connection?: string;
          search?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['Group'][];
              next: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/handoffs': {
    /** List the secrets that wait for you */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['Handoff'][];
              next: null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/handoffs/{id}/take': {
    /** Take a secret */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
      };
      requestBody?: {
        content: {
          'application/json': Record<string, never> | null;
        };
      };
      responses: {
        200: {
          content: {
            'application/json': {
              handoff: components['schemas']['Handoff'];
              secret: string;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/instance': {
    /** Show this instance */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              version: string;
              /** Since when it stands still after a restore: it answers, and neither syncs nor changes anything. */
              frozen_since: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/me': {
    /** Who am I */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Me'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/plans': {
    /** List plans, newest first */
    get: {
      parameters: {
        query?: {
          page_size?: number | string;
          next?: string;
          connection?: string;
          state?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['PlanSummary'][];
              next: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    /** Plan an action */
    post: {
      parameters: {
        query?: {
          dry_run?: boolean;
        };
        header?: {
          'idempotency-key'?: string;
        };
        path?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            connection: string;
            /** A writing action; GET /actions lists them. */
            action: string;
            input?: Record<string, unknown>;
            /** Why, for whoever approves; required with `override`. */
            reason?: string | null;
            /** Guards to let it pass; needs `guard:override` and a reason. */
            override?: ('blastRadius' | 'staleSnapshot' | 'pausedConnection' | 'protectedAccount' | 'ownAccount' | 'lastAdministrator')[];
            /** Whether its approval starts it. */
            apply_when_approved?: boolean;
            /** When its changes are to be made: once it is applied its run waits until then. Absent: at once. No later than the plan is good. */
            apply_at?: string | null;
          };
        };
      };
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Plan'];
          };
        };
        201: {
          content: {
            'application/json': components['schemas']['Plan'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/plans/{id}': {
    /** Show a plan */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Plan'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/plans/{id}/apply': {
    /** Apply a plan */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
      };
      requestBody?: {
        content: {
          'application/json': Record<string, never> | null;
        };
      };
      responses: {
        202: {
          content: {
            'application/json': components['schemas']['Run'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/plans/{id}/approve': {
    /** Approve a plan */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
      };
      requestBody?: {
        content: {
          'application/json': {
            reason?: string | null;
          } | null;
        };
      };
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Plan'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/plans/{id}/cancel': {
    /** Withdraw a plan that was not applied */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
      };
      requestBody?: {
        content: {
          'application/json': Record<string, never> | null;
        };
      };
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Plan'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/plans/{id}/changes': {
    /** List the changes of a plan, with what came of them */
    get: {
      parameters: {
        query?: {
          page_size?: number | string;
          next?: string;
          state?: string;
        };
        header?: never;
        path: {
          id: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['PlanChange'][];
              next: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/plans/{id}/reject': {
    /** Reject a plan */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
      };
      requestBody?: {
        content: {
          'application/json': {
            reason?: string | null;
          } | null;
        };
      };
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Plan'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/policy': {
    /** Show the thresholds for all connections */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Policy'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    /** Set thresholds for all connections */
    patch: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            window_minutes?: number | null;
            approval_above_subjects?: number | null;
            stop_above_subjects?: number | null;
            stop_above_percent?: number | null;
            max_snapshot_age_hours?: number | null;
            plan_days?: number | null;
          };
        };
      };
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Policy'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/principals': {
    /** List principals */
    get: {
      parameters: {
        query?: {
          page_size?: number | string;
          next?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['Principal'][];
              next: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    /** Add a principal */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            name: string;
            email?: string;
            kind: 'person' | 'service' | 'agent';
            /** One of viewer, operator, approver, admin, agent; agent only and always for kind agent. */
            role: 'viewer' | 'operator' | 'approver' | 'admin' | 'agent';
          };
        };
      };
      responses: {
        201: {
          content: {
            'application/json': components['schemas']['Principal'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/principals/{id}': {
    /** Change a principal */
    patch: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
      };
      requestBody: {
        content: {
          'application/json': {
            name?: string;
            role?: 'viewer' | 'operator' | 'approver' | 'admin' | 'agent';
            disabled?: boolean;
          };
        };
      };
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Principal'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/resources': {
    /** List resources */
    get: {
      parameters: {
        query?: {
          page_size?: number | string;
          next?: string;
          connection?: string;
          type?: string;
          search?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['Resource'][];
              next: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/runs': {
    /** List runs, newest first */
    get: {
      parameters: {
        query?: {
          page_size?: number | string;
          next?: string;
          connection?: string;
          state?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['Run'][];
              next: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/runs/{id}': {
    /** Show a run */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['Run'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/runs/{id}/cancel': {
    /** Cancel a run */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
      };
      requestBody?: {
        content: {
          'application/json': Record<string, never> | null;
        };
      };
      responses: {
        202: {
          content: {
            'application/json': components['schemas']['Run'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/runs/{id}/changes': {
    /** List the changes of a run, with their receipts */
    get: {
      parameters: {
        query?: {
          page_size?: number | string;
          next?: string;
          state?: string;
        };
        header?: never;
        path: {
          id: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['PlanChange'][];
              next: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/runs/{id}/changes/{ordinal}/confirm': {
    /** Say that the task is done which a change waits for */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
          ordinal: number | string;
        };
      };
      requestBody?: {
        content: {
          'application/json': {
            /** What was done, for the receipt. */
            note?: string | null;
          } | null;
        };
      };
      responses: {
        202: {
          content: {
            'application/json': components['schemas']['Run'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/runs/{id}/events': {
    /** Follow a run */
    get: {
      parameters: {
        query?: {
          after?: string;
        };
        header?: {
          'last-event-id'?: string;
        };
        path: {
          id: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'text/event-stream': string;
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/runs/{id}/pause': {
    /** Pause a run */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
      };
      requestBody?: {
        content: {
          'application/json': Record<string, never> | null;
        };
      };
      responses: {
        202: {
          content: {
            'application/json': components['schemas']['Run'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/runs/{id}/resume': {
    /** Resume a paused run */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
      };
      requestBody?: {
        content: {
          'application/json': Record<string, never> | null;
        };
      };
      responses: {
        202: {
          content: {
            'application/json': components['schemas']['Run'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/runs/{id}/retry': {
    /** Try the failed changes of a run again */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
      };
      requestBody?: {
        content: {
          'application/json': Record<string, never> | null;
        };
      };
      responses: {
        202: {
          content: {
            'application/json': components['schemas']['Run'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/runs/{id}/undo': {
    /** Plan to take a run back */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
      };
      requestBody?: {
        content: {
          'application/json': {
            reason?: string | null;
          } | null;
        };
      };
      responses: {
        201: {
          content: {
            'application/json': components['schemas']['Plan'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/syncs/{run}': {
    /** Show a sync */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          run: string;
        };
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': components['schemas']['SyncRun'];
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/syncs/{run}/cancel': {
    /** Cancel a sync */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          run: string;
        };
      };
      requestBody?: never;
      responses: {
        202: {
          content: {
            'application/json': {
              run: components['schemas']['SyncRun'];
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/syncs/{run}/confirm': {
    /** Confirm a paused sync */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          run: string;
        };
      };
      requestBody?: never;
      responses: {
        202: {
          content: {
            'application/json': {
              run: components['schemas']['SyncRun'];
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/thaw': {
    /** Go on after a restore */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody?: {
        content: {
          'application/json': Record<string, never> | null;
        };
      };
      responses: {
        200: {
          content: {
            'application/json': {
              was_frozen_since: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/tokens': {
    /** List tokens */
    get: {
      parameters: {
        query?: {
          page_size?: number | string;
          next?: string;
        };
        header?: never;
        path?: never;
      };
      requestBody?: never;
      responses: {
        200: {
          content: {
            'application/json': {
              data: components['schemas']['Token'][];
              next: string | null;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
    /** Make a token */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            /** Default: your own. */
            principal_id?: string;
            name: string;
            /** Default: the principal's, capped by your own. */
            role?: 'viewer' | 'operator' | 'approver' | 'admin' | 'agent';
            /** Default: all you may see. */
            connections?: string[];
            expires_in_days?: number;
          };
        };
      };
      responses: {
        201: {
          content: {
            'application/json': {
              token: components['schemas']['Token'];
              secret: string;
            };
          };
        };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
  '/v1/tokens/{id}': {
    /** Revoke a token */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
      };
      requestBody?: never;
      responses: {
        204: { content?: never };
        '4XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
        '5XX': {
          content: {
            'application/problem+json': components['schemas']['Problem'];
          };
        };
      };
    };
  };
}

export interface components {
  schemas: {
    'Account': {
      connection: string;
      key: string;
      email: string | null;
      username: string | null;
      display_name: string | null;
      given_name: string | null;
      family_name: string | null;
      status: 'invited' | 'pending' | 'active' | 'disabled';
      is_locked: boolean | null;
      is_service: boolean | null;
      /** Second factors; []: none; null: the app does not tell. */
      mfa: string[] | null;
      roles: string[];
      employee_number: string | null;
      created_at: string | null;
      last_login_at: string | null;
      extra: Record<string, unknown>;
      /** When this version was first seen. */
      seen_from: string;
      /** Since when a pull no longer finds it, not yet confirmed. */
      missing_since: string | null;
    };
    'AccountDetail': {
      connection: string;
      key: string;
      email: string | null;
      username: string | null;
      display_name: string | null;
      given_name: string | null;
      family_name: string | null;
      status: 'invited' | 'pending' | 'active' | 'disabled';
      is_locked: boolean | null;
      is_service: boolean | null;
      /** Second factors; []: none; null: the app does not tell. */
      mfa: string[] | null;
      roles: string[];
      employee_number: string | null;
      created_at: string | null;
      last_login_at: string | null;
      extra: Record<string, unknown>;
      /** When this version was first seen. */
      seen_from: string;
      /** Since when a pull no longer finds it, not yet confirmed. */
      missing_since: string | null;
      grants: components['schemas']['Grant'][];
      history: ({
        /** ISO 8601, UTC. */
        seen_from: string;
        seen_to: string | null;
        changes: Record<string, {
          before: unknown;
          after: unknown;
        }>;
      })[];
      /** What the app sent; only with `raw=true`. */
      raw?: unknown;
    };
    'Action': {
      id: string;
      title: string;
      description: string;
      effect: 'read' | 'write' | 'destructive';
      schema_type: 'native' | 'unified';
      connector: string;
      input_schema: Record<string, unknown>;
      output_schema: Record<string, unknown>;
    };
    'ActionSearchResult': {
      /** As StackOne's toolset reads it: connector, version, action, project. */
      id: string;
      /** The id to call by `POST /actions/rpc`. */
      action_name: string;
      connector_key: string;
      label: string;
      description: string;
      project_id: string;
      /** 1: the best match, holding all words. */
      similarity_score: number;
      schema_type: 'native' | 'unified';
      effect: 'read' | 'write' | 'destructive';
    };
    'AuditEntry': {
      /** Its place in the chain. */
      seq: number;
      /** SHA-256 over the hash before and the stored entry, hex. */
      hash: string;
      /** ISO 8601, UTC. */
      at: string;
      kind: 'access' | 'login' | 'connection' | 'sync' | 'read' | 'guard' | 'plan' | 'run' | 'change' | 'secret' | 'request' | 'denied' | 'instance' | 'audit';
      action: string;
      outcome: 'ok' | 'denied' | 'failed';
      summary: string;
      /** null: Usher itself, or nobody it knows. */
      actor: {
        id: string;
        name: string;
        kind: 'person' | 'service' | 'agent';
        token: string | null;
      } | null;
      connection: string | null;
      subject: {
        kind: string;
        key: string;
        name: string | null;
      } | null;
      plan: string | null;
      run: string | null;
      ordinal: number | null;
      request: string | null;
      details: unknown;
    };
    'AuditVerdict': {
      is_whole: boolean;
      entries: number;
      /** The last entry's place. */
      last: number;
      problems: ({
        kind: 'missing' | 'altered' | 'inserted' | 'moved' | 'columns' | 'unlinked' | 'replaced' | 'cut' | 'head';
        from: number;
        to: number;
        message: string;
      })[];
      /** Entries that wait to be linked: usually for a second. */
      unlinked: number;
      head: {
        /** The head that is kept outside the database. */
        state: 'kept' | 'missing' | 'altered';
        seq: number | null;
        /** From which entry on a tail that is cut off would show. */
        since: number | null;
      };
    };
    'Connection': {
      id: string;
      connector: string;
      title: string;
      /** Without secrets. */
      settings: Record<string, unknown>;
      state: 'active' | 'paused';
      paused_reason: string | null;
      capabilities: string[];
      tenant: {
        id: string;
        name: string;
      } | null;
      schedule_seconds: number | null;
      next_sync_at: string | null;
      /** When the first complete pull was committed. */
      baselined_at: string | null;
      last_sync: {
        run_id: string;
        state: string;
        finished_at: string | null;
      } | null;
      /** How fresh the oldest part of the snapshot is. */
      snapshot_at: string | null;
      counts: {
        account: number;
        group: number;
        role: number;
        resource: number;
        grant: number;
        credential: number;
      };
      /** What is left of the budgets the app grants, where it grants any. */
      budgets: {
        functionality: string;
        /** Calls at once after a rest. */
        limit: number;
        left: number;
        /** Until all of it is there again. */
        reset_seconds: number;
        /** ISO 8601, UTC. */
        as_of: string;
      }[];
      /** ISO 8601, UTC. */
      created_at: string;
      /** ISO 8601, UTC. */
      updated_at: string;
    };
    'Connector': {
      id: string;
      title: string;
      description: string;
      fields: ({
        name: string;
        title: string;
        description: string;
        kind: 'text' | 'secret' | 'choice' | 'number';
        choices?: string[];
        default?: string | number;
        required: boolean;
      })[];
      collections: {
        id: string;
        title: string;
        yields: string[];
      }[];
      actions: number;
    };
    'ConnectorActions': {
      key: string;
      name: string;
      description: string;
      icon: null;
      version: string;
      release_stage: string;
      account_id?: string;
      authentication: {
        key: string;
        label: string;
        type: string;
      }[];
      scope_definitions: unknown[];
      actions?: ({
        id: string;
        label: string;
        description: string;
        schema_type: 'native' | 'unified';
        effect: 'read' | 'write' | 'destructive';
        tags: string[];
        required_scopes: string[];
        action_details?: {
          input_schema: Record<string, unknown>;
          output_schema: Record<string, unknown>;
        };
        operation_details?: {
          input_schema: Record<string, unknown>;
          output_schema: Record<string, unknown>;
        };
      })[];
    };
    'Credential': {
      connection: string;
      key: string;
      /** `api_key`, `agent_token`. */
      type: string;
      name: string;
      /** The account it acts for; null: the app does not tell. */
      owner: {
        /** Of the account; `email:…` where no account has that address. */
        key: string;
        name: string | null;
        email: string | null;
      } | null;
      /** null: the app does not tell. */
      is_enabled: boolean | null;
      created_at: string | null;
      /** null: never, or the app does not tell. */
      expires_at: string | null;
      /** null: never, or the app does not tell. */
      last_used_at: string | null;
      extra: Record<string, unknown>;
      /** ISO 8601, UTC. */
      seen_from: string;
      missing_since: string | null;
    };
    'CredentialDetail': {
      connection: string;
      key: string;
      /** `api_key`, `agent_token`. */
      type: string;
      name: string;
      /** The account it acts for; null: the app does not tell. */
      owner: {
        /** Of the account; `email:…` where no account has that address. */
        key: string;
        name: string | null;
        email: string | null;
      } | null;
      /** null: the app does not tell. */
      is_enabled: boolean | null;
      created_at: string | null;
      /** null: never, or the app does not tell. */
      expires_at: string | null;
      /** null: never, or the app does not tell. */
      last_used_at: string | null;
      extra: Record<string, unknown>;
      /** ISO 8601, UTC. */
      seen_from: string;
      missing_since: string | null;
      /** What the app sent, without secrets; only with `raw=true`. */
      raw?: unknown;
    };
    'Drift': {
      operation: string;
      path: string;
      problem: string;
      sample: string;
      /** ISO 8601, UTC. */
      first_seen_at: string;
      /** ISO 8601, UTC. */
      last_seen_at: string;
      occurrences: number;
    };
    'Event': {
      position: number;
      connection: string;
      source: 'sync' | 'usher' | 'app';
      type: string;
      subject: {
        kind: string;
        key: string;
      };
      /** ISO 8601, UTC. */
      occurred_at: string;
      run_id: string | null;
      data: unknown;
    };
    'Figures': {
      accounts: {
        total: number;
        by_status: Record<string, number>;
        administrators: number;
        administrators_without_second_factor: number;
      };
      groups: number;
      roles: number;
      resources: number;
      grants: number;
      credentials: number;
      snapshot_at: string | null;
    };
    'Grant': {
      connection: string;
      key: string;
      holder: {
        kind: 'account' | 'group';
        key: string;
        name: string | null;
      };
      target: {
        kind: 'group' | 'role' | 'resource';
        key: string;
        name: string | null;
        type: string | null;
      };
      permission: string;
      /** Empty for a direct grant, else through what it is held. */
      path: string;
      extra: Record<string, unknown>;
      /** ISO 8601, UTC. */
      seen_from: string;
      missing_since: string | null;
    };
    'Group': {
      connection: string;
      key: string;
      name: string;
      description: string | null;
      extra: Record<string, unknown>;
      /** ISO 8601, UTC. */
      seen_from: string;
      missing_since: string | null;
    };
    'Handoff': {
      id: string;
      connection: string;
      label: string;
      /** ISO 8601, UTC. */
      created_at: string;
      /** ISO 8601, UTC. */
      expires_at: string;
    };
    'Mark': {
      connection: string;
      /** Its key. */
      account: string;
      /** Nothing changes it: an account for emergencies. */
      is_protected: boolean;
      is_service: boolean;
      /** Who answers for a service's account. */
      owner: string | null;
      ignored_until: string | null;
      note: string | null;
      set_by: {
        id: string;
        name: string;
        kind: 'person' | 'service' | 'agent';
      } | null;
      /** null: nothing was ever said of it. */
      set_at: string | null;
    };
    'Me': {
      principal: {
        id: string;
        name: string;
        kind: 'person' | 'service' | 'agent';
        role: 'viewer' | 'operator' | 'approver' | 'admin' | 'agent';
      };
      permissions: string[];
      connections: string[] | null;
    };
    'Plan': {
      /** Empty for a dry run: nothing is stored. */
      id: string;
      connection: string;
      action: string;
      title: string;
      state: 'waiting' | 'ready' | 'applied' | 'rejected' | 'cancelled' | 'expired';
      effect: 'write' | 'destructive';
      requested_by: {
        id: string;
        name: string;
        kind: 'person' | 'service' | 'agent';
      };
      reason: string | null;
      /** ISO 8601, UTC. */
      created_at: string;
      /** ISO 8601, UTC. */
      expires_at: string;
      /** How many. */
      changes: number;
      run_id: string | null;
      /** Secrets masked. */
      input: unknown;
      apply_when_approved: boolean;
      /** Its run begins no earlier; null: as soon as it is applied. */
      apply_at: string | null;
      /** Why a person has to approve; empty: nobody has to. */
      approval_reasons: string[];
      guards: ({
        guard: 'blastRadius' | 'staleSnapshot' | 'pausedConnection' | 'protectedAccount' | 'ownAccount' | 'lastAdministrator';
        message: string;
        threshold: string;
        subjects: string[];
        is_overridden: boolean;
      })[];
      decisions: ({
        decision: 'approve' | 'reject' | 'cancel';
        by: {
          id: string;
          name: string;
          kind: 'person' | 'service' | 'agent';
        };
        reason: string | null;
        /** ISO 8601, UTC. */
        at: string;
      })[];
      /** The first hundred; all: GET /v1/plans/{id}/changes. */
      first_changes: components['schemas']['PlanChange'][];
      /** How a person goes on from here. */
      next: string | null;
    };
    'PlanChange': {
      ordinal: number;
      subject: {
        kind: 'account' | 'group' | 'credential' | 'connection';
        key: string;
        email: string | null;
        name: string | null;
      };
      change: string;
      summary: string;
      effect: 'write' | 'destructive';
      undo: {
        is_possible: boolean;
        how: string;
      };
      params: unknown;
      /** The subject as the snapshot had it; null: not there. */
      before: unknown;
      /** The exact call, secrets masked. */
      preview: {
        method: string;
        url: string;
        headers: Record<string, string>;
        body: string | null;
      } | null;
      /** Made only where the change before it on the same subject is done or was so already. */
      follows: boolean;
      /** What is waited for before it is made; null: nothing. */
      hold: {
        /** So long after the change before it ended. */
        kind: 'wait';
        seconds: number;
        why: string;
      } | {
        /** A person does something outside of Usher and says so. */
        kind: 'task';
        task: string;
      } | null;
      /** What came of it; null: not applied. */
      outcome: {
        state: 'planned' | 'calling' | 'called' | 'done' | 'skipped' | 'failed' | 'uncertain';
        attempt: number;
        ended_at: string | null;
        receipt: components['schemas']['Receipt'] | null;
        /** What it waits for now; null: nothing. */
        waits_for: 'wait' | 'task' | null;
        /** When that is, or was, over by itself. */
        held_until: string | null;
      } | null;
    };
    'PlanSummary': {
      /** Empty for a dry run: nothing is stored. */
      id: string;
      connection: string;
      action: string;
      title: string;
      state: 'waiting' | 'ready' | 'applied' | 'rejected' | 'cancelled' | 'expired';
      effect: 'write' | 'destructive';
      requested_by: {
        id: string;
        name: string;
        kind: 'person' | 'service' | 'agent';
      };
      reason: string | null;
      /** ISO 8601, UTC. */
      created_at: string;
      /** ISO 8601, UTC. */
      expires_at: string;
      /** How many. */
      changes: number;
      run_id: string | null;
    };
    'Policy': {
      /** null: for all connections. */
      connection: string | null;
      policy: {
        /** The sliding window that counts subjects */
        window_minutes: number;
        /** More subjects than this need an approval */
        approval_above_subjects: number;
        /** More subjects than this stop a plan */
        stop_above_subjects: number;
        /** More than this share of the accounts stops a plan (two accounts never do) */
        stop_above_percent: number;
        /** An older snapshot stops a plan */
        max_snapshot_age_hours: number;
        /** How long a plan can be approved and applied */
        plan_days: number;
      };
      /** Which thresholds were set for this very place. */
      own: string[];
    };
    'Principal': {
      id: string;
      name: string;
      email: string | null;
      kind: 'person' | 'service' | 'agent';
      role: 'viewer' | 'operator' | 'approver' | 'admin' | 'agent';
      disabled_at: string | null;
      /** ISO 8601, UTC. */
      created_at: string;
    };
    'Probe': {
      tenant: {
        id: string;
        name: string;
      };
      capabilities: string[];
      notes: string[];
    };
    'Problem': {
      type: string;
      title: string;
      status: number;
      code: string;
      detail: string;
      /** What to do next. */
      next?: string;
      /** The field of the request that is wrong. */
      field?: string;
      connection?: string;
      /** Whether the same call can succeed later. */
      retry: boolean;
      help?: string;
      /** The plan it is about: held for approval, or still running. */
      plan?: string;
      /** The run it is about. */
      run?: string;
      /** What the app showed where its certificate is not trusted, for a person to compare. */
      certificate?: {
        /** Its fingerprint, 64 hex digits. */
        sha256: string;
        subject: string;
        issuer: string;
        /** ISO 8601, UTC. */
        valid_from: string;
        /** ISO 8601, UTC. */
        valid_to: string;
      };
      request_id: string;
    };
    'Receipt': {
      /** What happened, and what is left to do. */
      summary: string;
      code: string | null;
      /** What shows it: the app's state, its log, only its answer, or nothing. */
      proof: 'state' | 'log' | 'answer' | 'nothing';
      calls: ({
        operation: string;
        method: string;
        url: string;
        /** ISO 8601, UTC. */
        at: string;
        ms: number;
        status: number | null;
        outcome: 'answered' | 'repeated' | 'failed';
        error: string | null;
        answer: string | null;
        /** How many changes this one call carried. */
        changes: number;
      })[];
      before: unknown;
      /** As read back. */
      after: unknown;
      verified_at: string | null;
      /** A one-time hand-off that holds a secret it made. */
      handoff: string | null;
      /** What the answer told of what it made (an id), never a secret; null: nothing. */
      made: Record<string, unknown> | null;
      /** Who said that the task was done which it waited for; null: it waited for nobody. */
      confirmed: {
        by: string;
        /** ISO 8601, UTC. */
        at: string;
        note: string | null;
      } | null;
    };
    'Removal': {
      connection: string;
      goes: {
        accounts: number;
        groups: number;
        roles: number;
        resources: number;
        grants: number;
        credentials: number;
        history: number;
        events: number;
        secrets: number;
        schedule: boolean;
        sync_runs: number;
        plans: number;
        marks: number;
      };
    };
    'Resource': {
      connection: string;
      key: string;
      type: string;
      name: string;
      extra: Record<string, unknown>;
      /** ISO 8601, UTC. */
      seen_from: string;
      missing_since: string | null;
    };
    'Run': {
      id: string;
      plan_id: string;
      connection: string;
      action: string;
      title: string;
      state: 'queued' | 'running' | 'waiting' | 'paused' | 'succeeded' | 'partial' | 'failed' | 'cancelled';
      requested_by: {
        id: string;
        name: string;
        kind: 'person' | 'service' | 'agent';
      };
      /** ISO 8601, UTC. */
      created_at: string;
      started_at: string | null;
      finished_at: string | null;
      /** Asked for, and not there yet. */
      pending: 'pause' | 'cancel' | null;
      /** Why it is paused or has stopped, or what it waits for. */
      reason: string | null;
      /** When one that waits goes on by itself; null: it waits for no time. */
      wake_at: string | null;
      total: number;
      counts: {
        planned: number;
        calling: number;
        called: number;
        done: number;
        skipped: number;
        failed: number;
        uncertain: number;
      };
      can_retry: boolean;
      can_undo: boolean;
    };
    'SyncRun': {
      id: string;
      connection: string;
      state: 'queued' | 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled';
      requested_by: string;
      /** ISO 8601, UTC. */
      requested_at: string;
      started_at: string | null;
      finished_at: string | null;
      is_baseline: boolean;
      progress: {
        pages: number;
        records: number;
        rate_per_second: number | null;
        total: number | null;
        eta_seconds: number | null;
      };
      collections: ({
        id: string;
        scope: string;
        state: 'pending' | 'pulling' | 'complete' | 'partial' | 'failed';
        pages: number;
        records: number;
        total: number | null;
        reason: string | null;
      })[];
      changes: {
        added: number;
        updated: number;
        removed: number;
        missing: number;
        events: number;
      } | null;
      anomalies: {
        kind: string;
        gone: number;
        status_changed: number;
        before: number;
        after: number;
        limit_percent: number;
        message: string;
      }[];
      error: Record<string, unknown> | null;
      counts: Record<string, number>;
    };
    'Token': {
      id: string;
      principal_id: string;
      name: string;
      /** Its first characters; the token itself is not kept. */
      hint: string;
      role: 'viewer' | 'operator' | 'approver' | 'admin' | 'agent';
      /** null: all connections. */
      connections: string[] | null;
      /** ISO 8601, UTC. */
      created_at: string;
      expires_at: string | null;
      last_used_at: string | null;
      revoked_at: string | null;
    };
    'UnifiedError': {
      statusCode: number;
      message: string;
      timestamp: string;
      /** For programs: `auth`, `invalidToken`, `notSynced` … */
      code: string;
      /** What to do next. */
      next?: string;
      /** The field of the request that is wrong. */
      field?: string;
      connection?: string;
      /** Whether the same call can succeed later. */
      retry: boolean;
      help?: string;
      /** The plan it is about: held for approval, or still running. */
      plan?: string;
      /** The run it is about. */
      run?: string;
      request_id: string;
    };
  };
}
