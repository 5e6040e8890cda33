export { type DashboardPages, dashboardPages } from './dashboard-pages.ts';
